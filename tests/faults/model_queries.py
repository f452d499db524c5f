"""Queries over classes that stand for loaded models, and what shows who loaded one and who called it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Log:
    """What the processes of a query have done with a model.

    Args:
        folder: A folder in which each event is a file.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        Path(folder).mkdir(exist_ok=True)

    def begun(self) -> list[int]:
        """The pids of the processes that have begun to load the model, once for each time."""
        return self._pids("begun")

    def loaded(self) -> list[int]:
        """The pids of the processes that have loaded the model, once for each time."""
        return self._pids("loaded")

    def called(self) -> list[int]:
        """The pids of the processes that have called the model, once for each row."""
        return self._pids("called")

    def assert_loaded_once(self) -> None:
        """See that no process has loaded the model twice, and each one has before it called it."""
        loaded, called = Counter(self.loaded()), set(self.called())
        assert set(loaded.values()) == {1}, (loaded, called)
        assert called <= set(loaded), (loaded, called)

    def clear(self) -> None:
        """Forget all events."""
        for event in Path(self.folder).iterdir():
            event.unlink()

    def _pids(self, event: str) -> list[int]:
        files = Path(self.folder).glob(f"{event} *")
        return sorted(int(file.name.split()[1]) for file in files)


def new_model(
    log: Log,
    *,
    load_s: float | list[float] = 0.5,
    call_s: float = 0.1,
    memory: int = 0,
    fails_at: int = -1,
) -> Any:
    """Return an object of a `@daft.cls` class, whose method `square` takes a row number.

    Args:
        log: Learns what the processes do with it.
        load_s: How long loading it takes in each process, in seconds; a list says it for the first
            process, the second one and so on, and its last item for all others.
        call_s: For how long each call holds the GIL, in seconds.
        memory: What an instance takes, in bytes.
        fails_at: The row at which a call fails.
    """
    import daft

    folder = log.folder
    times = load_s if isinstance(load_s, list) else [load_s]

    @daft.cls
    class Model:
        def __init__(self, _log: str) -> None:
            import os
            import time
            import uuid
            from pathlib import Path

            before = len(list(Path(folder).glob("begun *")))
            Path(folder, f"begun {os.getpid()} {uuid.uuid4()}").touch()
            self.weights = b"x" * memory
            time.sleep(times[min(before, len(times) - 1)])
            Path(folder, f"loaded {os.getpid()} {uuid.uuid4()}").touch()

        @daft.method(return_dtype=daft.DataType.int64())
        def square(self, row: int) -> int:
            import ctypes
            import os
            import uuid
            from pathlib import Path

            # Unlike `time.sleep`, this keeps the GIL, and no core.
            ctypes.PyDLL(None).usleep(int(call_s * 1e6))
            if row == fails_at:
                raise ValueError(f"row {row} is not to our taste")
            Path(folder, f"called {os.getpid()} {uuid.uuid4()}").touch()
            return row * row

    # What was learnt of the class in another test must not count here, so the argument differs.
    return Model(folder)


def squares(model: Any, tasks: int) -> Any:
    """A query of one row a task, with the columns `row` and `square`."""
    import daft

    df = daft.from_pydict({"row": list(range(tasks))}).into_partitions(tasks)
    return df.with_column("square", model.square(daft.col("row")))


def assert_squares(df: Any, tasks: int) -> None:
    """See that the rows of a query are exact."""
    answer = df.to_pydict()
    assert sorted(answer["row"]) == list(range(tasks))
    assert all(square == row * row for row, square in zip(*answer.values(), strict=True))


class Attempt:
    """Runs a function on a thread of its own.

    Args:
        function: The function.
    """

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self._answer: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def answer(self, timeout: float = 60.0) -> Any:
        """Wait for the function, and return its answer or raise its error."""
        self._thread.join(timeout)
        assert not self._thread.is_alive(), f"not done within {timeout} s"
        if self._error is not None:
            raise self._error
        return self._answer

    def error(self, timeout: float = 60.0) -> str:
        """Wait for the function, and return the text of its error, or an empty text."""
        try:
            self.answer(timeout)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return ""

    def _run(self) -> None:
        try:
            self._answer = self._function()
        except BaseException as error:
            self._error = error
