"""Queries that write files end with whole files, whatever stops them or comes after them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.support.shared_driver import Scenarios

ROWS = 200
PARTS = 5
A_TASK = ROWS // PARTS
# So many rows are written at a time, and each row takes so long: a file stays open for a second.
ROWS_AT_ONCE = 10
SECONDS_A_ROW = 0.025


def slow_rows(marks: Path, fails_at: int | None = None, into: Path = Path()) -> Any:
    """A DataFrame whose rows come slowly; each task leaves a mark.

    A row that fails does so once two tasks write, and long before the other one ends.
    """
    import daft

    @daft.func(return_dtype=daft.DataType.int64())
    def slow(row: int) -> int:
        import time

        if row % A_TASK == ROWS_AT_ONCE:  # Its file is open by now.
            (marks / str(row)).touch()
        time.sleep(SECONDS_A_ROW * (4 if fails_at and row >= A_TASK else 1))
        if row == fails_at:
            while len(list(into.iterdir())) < 2:
                time.sleep(0.01)
            raise ValueError(f"row {row} is not to our taste")
        return row

    df = daft.from_pydict({"row": list(range(ROWS)), "key": [row % 2 for row in range(ROWS)]})
    return df.into_partitions(PARTS).with_column("same", slow(daft.col("row")))


def files_to_sink(folder: Path) -> Any:
    """A sink in Python that writes a text file a task, and is slow to end each."""
    from daft import DataType, Schema
    from daft.io import DataSink
    from daft.io.sink import WriteResult

    class ToFiles(DataSink[int]):
        def name(self) -> str:
            return "to files"

        def schema(self) -> Any:
            return Schema._from_field_name_and_types([("rows", DataType.int64())])

        def write(self, micropartitions: Any) -> Any:
            for part in micropartitions:
                rows = part.to_pydict()["row"]
                with (folder / f"{rows[0]}.txt").open("w") as file:
                    for row in rows:
                        time.sleep(SECONDS_A_ROW)
                        file.write(f"{row}\n")
                yield WriteResult(result=len(rows), bytes_written=1, rows_written=len(rows))

        def finalize(self, write_results: Any) -> Any:
            from daft.recordbatch import MicroPartition

            return MicroPartition.from_pydict({"rows": [1]})

    return ToFiles()


def rows_of(folder: Path) -> list[int]:
    """The rows that all files of a folder have together; a file that is not whole fails."""
    rows: list[int] = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        if file.suffix == ".parquet":
            import pyarrow.parquet

            rows += pyarrow.parquet.ParquetFile(file).read(["row"])["row"].to_pylist()
        elif file.suffix == ".csv":
            import csv

            rows += [int(line["row"]) for line in csv.DictReader(file.open())]
        elif file.suffix == ".json":
            import json

            rows += [json.loads(line)["row"] for line in file.read_text().splitlines()]
        else:
            rows += [int(line) for line in file.read_text().splitlines()]
    return sorted(rows)


def interrupted(write: Callable[[], Any], marks: Path) -> float:
    """Send this process a Ctrl-C while a query runs; returns how long it took to end, in seconds."""
    sent = [0.0]

    def interrupt() -> None:
        while not list(marks.iterdir()):
            time.sleep(0.02)
        sent[0] = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    raised: type[BaseException] | None = None
    try:
        write()
    except (KeyboardInterrupt, SystemError) as error:
        # CPython raises SystemError if it came within Ray's own code, in C.
        raised = type(error.__cause__ or error)
    assert raised is KeyboardInterrupt
    return time.monotonic() - sent[0]


def folders_under(folder: str) -> Callable[[str], tuple[Path, Path]]:
    def folders(name: str) -> tuple[Path, Path]:
        made = Path(folder, name), Path(folder, f"{name} marks")
        for path in made:
            path.mkdir()
        return made

    return folders


def writes_are_interrupted(folder: str) -> Any:
    import daft

    with daft.execution_config_ctx(default_morsel_size=ROWS_AT_ONCE):
        return interrupt_writes(folder)


def interrupt_writes(folder: str) -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches
    from tests.contract.test_lifecycle import wait_for_end, wait_for_runners
    from tests.support.fault_queries import alive, slow_squares, wait_for

    signal.signal(signal.SIGINT, signal.default_int_handler)
    folders = folders_under(folder)
    apply_flotilla_patches()

    # The next query has workers of its own at once, while the write goes on.
    into, marks = folders("parquet")
    slow = slow_rows(marks)
    took = [interrupted(lambda: slow.write_parquet(str(into)), marks)]
    writers = alive()
    assert len(slow_squares(4, 0.0).collect()) == 4
    others = alive()
    assert len(others) == 2
    assert not set(writers.values()) & set(others.values())
    whole = [wait_for(lambda: len(list(marks.iterdir())) == PARTS)]
    whole.append(wait_for(lambda: complete(into)))
    assert wait_for_runners(1) == 1, "the runner of the write has left"

    # The patch is gone right after; what was there before is gone at the end of the write.
    into, marks = folders("csv")
    (into / "old.csv").write_text("row,key,same\n7,1,7\n")
    slow = slow_rows(marks)

    def overwrite() -> None:
        slow.write_csv(str(into), write_mode="overwrite", partition_cols=["key"])

    took.append(interrupted(overwrite, marks))
    rollback_flotilla_patches()
    whole.append(wait_for(lambda: complete(into)))

    # Another layout right after; a sink in Python.
    apply_flotilla_patches()
    into, marks = folders("sink")
    slow = slow_rows(marks)
    took.append(interrupted(lambda: slow.write_sink(files_to_sink(into)), marks))
    apply_flotilla_patches("cpus-per-worker=2")
    assert len(slow_squares(4, 0.0).collect()) == 4
    whole.append(wait_for(lambda: complete(into)))

    # One that does not write ends at once.
    _, marks = folders("no write")
    slow = slow_rows(marks)
    interrupted(slow.collect, marks)
    time.sleep(0.5)
    begun = len(list(marks.iterdir()))
    time.sleep(2)
    rollback_flotilla_patches()
    left = wait_for_runners(0)
    assert wait_for_end(set(writers.values()))
    return [took, whole, begun, len(list(marks.iterdir())), left]


def complete(folder: Path) -> bool:
    try:
        return rows_of(folder) == list(range(ROWS))
    except Exception:  # Some are still being written.
        return False


def test_an_interrupted_write_is_done_to_its_end(scenarios: Scenarios, tmp_path: Path) -> None:
    took, whole, begun, at_last, left = scenarios(writes_are_interrupted, str(tmp_path), cpus=2)
    assert max(took) < 3, "Ctrl-C gives the prompt back at once"
    assert all(whole), "and all that was to be written is there, as on stock"
    assert begun == at_last < PARTS, "nothing goes on that does not write"
    assert left == 0


def writes_are_cut_short(folder: str) -> Any:
    import daft

    with daft.execution_config_ctx(default_morsel_size=ROWS_AT_ONCE):
        return cut_writes_short(folder)


def cut_writes_short(folder: str) -> Any:
    from protoplast.patches.auto_patch import patched_daft
    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches
    from tests.contract.test_lifecycle import wait_for_runners
    from tests.support.fault_queries import slow_squares, wait_for

    folders = folders_under(folder)

    # A row fails, and the block ends with it while another task writes.
    into, marks = folders("json")
    said = ""
    try:
        with patched_daft():
            slow_rows(marks, A_TASK - 1, into).write_json(str(into))
    except Exception as error:
        said = str(error)
    assert "not to our taste" in said
    assert wait_for_runners(0) == 0
    first = rows_of(into)

    # An iterator over a sink is dropped, and its workers are replaced.
    apply_flotilla_patches()
    into, marks = folders("sink")
    written = iterated(slow_rows(marks), into)
    next(written)
    written.close()
    assert len(slow_squares(4, 0.0).collect()) == 4
    whole = wait_for(lambda: complete(into))
    rollback_flotilla_patches()
    return [first, whole, wait_for_runners(0)]


def iterated(df: Any, into: Path) -> Any:
    """The results of a write, one by one."""
    import daft

    lazily: Sequence[Any] = []

    def collect(written: Any, *_: Any) -> Any:
        nonlocal lazily
        lazily = [written]
        raise NotImplementedError

    original, daft.DataFrame.collect = daft.DataFrame.collect, collect
    try:
        df.write_sink(files_to_sink(into))
    except NotImplementedError:
        pass
    finally:
        daft.DataFrame.collect = original
    return lazily[0].iter_partitions()


def test_a_write_that_fails_or_is_dropped_leaves_whole_files(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    first, whole, left = scenarios(writes_are_cut_short, str(tmp_path), cpus=2)
    tasks = {row // A_TASK for row in first if row >= A_TASK}
    assert tasks, "others than the first, which failed, have begun"
    for task in tasks:
        # On stock as well, a task that was given up may end with a part of its rows (5 of 9 runs).
        rows = [row for row in first if row // A_TASK == task]
        assert rows == list(range(rows[0], rows[0] + len(rows))), "and their files are whole"
        assert rows[0] == task * A_TASK
    assert whole
    assert left == 0
