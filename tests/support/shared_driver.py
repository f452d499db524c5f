"""A driver on a Ray of its own that does scenarios of several tests, one after the other.

A Ray and a driver cost some 4 s of CPU time together, and tests that look at queries do not mind who
has run before them. Between scenarios the patch is rolled back, and what a scenario leaves behind is an
error of its test. A scenario that fails, hangs or leaves something takes its driver and Ray with it.

What is about processes themselves has one of its own by `in_new_process`: how they begin and end, the
order of imports, environment variables, faults that kill.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from tests.support.process import RAY_RUNNER, ROOT

# How long a driver may take for its own start and end, in seconds.
_START_S = 90.0
_END_S = 30.0


class SharedDriver:
    """A driver in a process of its own.

    Args:
        ray: What it calls `ray.init` with; None if it does not.
    """

    def __init__(self, ray: dict[str, Any] | None) -> None:
        self.ray = ray
        # Ray's daemons may still write while they end.
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._output = Path(self._folder.name, "output")
        ours, theirs = Pipe()
        self._connection = ours
        with theirs, self._output.open("w") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=ROOT,
                env={
                    **os.environ,
                    **RAY_RUNNER,
                    "DAFT_PROGRESS_BAR": "0",
                    "RAY_TMPDIR": self._folder.name,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[theirs.fileno()],
            )
        try:
            self._ask(ray, _START_S)
        except BaseException:
            self.end()
            raise

    def run(self, function: Callable[..., Any], arguments: tuple[Any, ...], timeout: float) -> Any:
        """Run a scenario. If it fails, the driver is of no more use and has to be ended."""
        return self._ask((function.__module__, function.__name__, arguments), timeout)

    def end(self) -> None:
        """End the driver and its Ray, whatever state they are in."""
        self._connection.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._kill()
        self._folder.cleanup()

    def _ask(self, question: Any, timeout: float) -> Any:
        start = self._output.stat().st_size
        try:
            self._connection.send(question)
            if not self._connection.poll(timeout):
                self._kill()
                raise AssertionError(f"not done within {timeout} s")
            error, answer = self._connection.recv()
            assert not error, error
        except (AssertionError, EOFError, OSError) as error:
            with self._output.open() as output:
                output.seek(start)
                raise AssertionError(
                    f"{type(error).__name__}: {error}\nit printed:\n{output.read()}"
                ) from None
        return answer

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Scenarios:
    """Runs scenarios, and holds the driver on which the last one ran."""

    def __init__(self) -> None:
        self._driver: SharedDriver | None = None

    def __call__(
        self,
        function: Callable[..., Any],
        *arguments: Any,
        cpus: int = 0,
        gpus: int = 0,
        address: str | None = None,
        timeout: float = 120.0,
    ) -> Any:
        """Run a module-level function on a driver with a Ray of its own, on a cluster, or without.

        If the function fails or leaves something behind, the test fails.

        Args:
            function: The function.
            arguments: What it is called with.
            cpus: The CPUs of the Ray's one node; without any there is no Ray.
            gpus: Its GPUs.
            address: That of the cluster.
            timeout: Seconds after which the driver is ended.
        """
        ray: dict[str, Any] | None = None
        if address:
            ray = {"address": address}
        elif cpus:
            ray = {"num_cpus": cpus, "num_gpus": gpus, "include_dashboard": False}
        if self._driver is None or self._driver.ray != ray:
            self.end()
            self._driver = SharedDriver(ray)
        try:
            return self._driver.run(function, arguments, timeout)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        driver, self._driver = self._driver, None
        if driver:
            driver.end()


class State:
    """What scenarios may change for themselves, and what the package must leave as it was."""

    def __init__(self) -> None:
        from tests.support.queries import daft_attributes

        self._daft = daft_attributes()
        self._config = execution_config()
        self._modules = {
            name: {**vars(module)} for name, module in sys.modules.items() if is_ours(name)
        }
        self._signals = {number: signal.getsignal(number) for number in _SIGNALS}
        self._loggers = {
            logger: (logger.level, [*logger.handlers])
            for logger in map(logging.getLogger, self._modules)
        }

    def restore(self) -> None:
        """Put back what scenarios change for themselves, and roll the patch back."""
        from protoplast.driver.recent import RECENT
        from protoplast.patches.daft_flotilla import rollback_flotilla_patches

        for number, handler in self._signals.items():
            signal.signal(number, handler)
        for logger, (level, handlers) in self._loggers.items():
            logger.setLevel(level)
            logger.handlers[:] = handlers
        RECENT.clear()
        rollback_flotilla_patches()
        gc.collect()

    def assert_nothing_left(self) -> None:
        """See that no patch, no fleet and no option is left, here or in Ray."""
        from protoplast.driver.fleets import FLEETS
        from protoplast.driver.user_options import USER_OPTIONS
        from tests.support.fault_queries import wait_for
        from tests.support.queries import assert_untouched

        assert_untouched(self._daft)
        assert execution_config() == self._config, "options of Daft's are set"
        assert not USER_OPTIONS.names
        for name, before in self._modules.items():
            after = vars(sys.modules[name])
            changed = [key for key, value in before.items() if after.get(key) is not value]
            assert not changed, f"{changed} of {name} are changed"
        assert not FLEETS.live(), "a fleet is live"
        assert wait_for(lambda: not actors_left()), f"{actors_left()} are left"


_SIGNALS = (signal.SIGINT, signal.SIGALRM)


def actors_left() -> list[str]:
    """The names of the runners and workers of fleets that Ray has."""
    import ray

    if not ray.is_initialized():
        return []
    actors = ray.util.list_named_actors(all_namespaces=True)
    return [name for actor in actors if (name := actor["name"]).startswith("protoplast-")]


def is_ours(module: str) -> bool:
    return module.split(".")[0] == "protoplast"


def execution_config() -> bytes:
    import daft.context

    return pickle.dumps(daft.context.get_context().daft_execution_config)


def serve(connection: Connection) -> None:
    """Do one scenario after the other until nobody asks any more."""
    import ray

    import protoplast.patches.auto_patch  # noqa: F401

    if options := connection.recv():
        ray.init(**options, log_to_driver=False)
    connection.send(("", None))
    with contextlib.suppress(EOFError):
        while True:
            module, name, arguments = connection.recv()
            connection.send(done(getattr(importlib.import_module(module), name), arguments))


def done(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any]:
    """What went wrong, and the answer."""
    state = State()
    try:
        # As it comes from a process of its own.
        answer = json.loads(json.dumps(function(*arguments)))
        state.restore()
        state.assert_nothing_left()
    except BaseException:
        return traceback.format_exc(), None
    return "", answer


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
