"""A fleet: one runner actor and its workers under one layout. All fleets of this process are here.

A query begins on the fleet of its layout and keeps it to its end, whatever is applied or rolled back
meanwhile. A fleet that no layout in force asks for is retired: its workers end, and its runner, which
owns the results of its queries, leaves when nothing refers to them any more.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import uuid
from collections.abc import Generator, Iterator
from typing import Any

from protoplast import _core, daft_seams, runner
from protoplast.errors import NotInEffectError, ProtoplastError

logger = logging.getLogger(__name__)

# How long a runner actor may take to start and to answer, in seconds.
RUNNER_TIMEOUT_S = 120.0


class Fleet:
    """One runner actor of Daft's with the view of one layout installed in it.

    Args:
        layout: The layout of its workers.
        seams: The checked seams of Daft's.
        ray_runner: The process's `RayRunner`.

    Raises:
        NotInEffectError: The runner cannot import protoplast, has another version of it, or does not
            answer.
    """

    def __init__(self, layout: _core.Layout, seams: daft_seams.Seams, ray_runner: Any) -> None:
        self.layout = layout
        self.active = 0
        self.runner_died: type[Exception] = seams.ray.exceptions.RayActorError
        self._ray = seams.ray
        self._session = _session(seams.ray)
        job = seams.ray.get_runtime_context().get_job_id()
        self.name = f"protoplast-runner-{job}-{uuid.uuid4().hex[:8]}-{layout}"
        self._flotilla_runner = daft_seams.new_flotilla_runner(seams, self.name, ray_runner)
        try:
            self.install()
        except BaseException:
            self.kill()
            raise
        logger.info("layout %s: runner %s started", layout, self.name)

    def install(self) -> runner.RunnerReport:
        """Install the view in the runner, or see that it is still there."""
        report: runner.RunnerReport = self._ask(runner.install, self.layout)
        if report.version != _core.__version__:
            raise NotInEffectError(
                f"the cluster has protoplast {report.version} and this process {_core.__version__}; "
                f"install {_core.__version__} on every node"
            )
        return report

    def report(self) -> runner.RunnerReport:
        """Ask the runner for its layout and workers."""
        answer: runner.RunnerReport = self._ask(runner.report)
        return answer

    def stream(self, plan: Any, partition_sets: Any) -> Generator[Any, None, Any]:
        """Run a plan on this fleet; yields and returns what Daft's own `stream_plan` does."""
        with _errors_as_they_were_raised(self._ray):
            return (yield from self._flotilla_runner.stream_plan(plan, partition_sets))

    def retire(self) -> None:
        """End the workers now, and the runner when it owns no result any more."""
        self._ask(runner.retire)
        logger.info("layout %s: runner %s retired", self.layout, self.name)

    def kill(self) -> None:
        """End the runner, its workers and the results that it owns."""
        with contextlib.suppress(Exception):
            self._ray.kill(self._flotilla_runner.runner)

    def is_of_this_session(self) -> bool:
        """Return whether Ray is still the one that the runner was started in."""
        return self._session == _session(self._ray)

    def is_gone(self) -> bool:
        """Return whether the runner has left or died, or is of an earlier Ray."""
        if not self.is_of_this_session():
            return True
        try:
            self.report()
        except self.runner_died:
            return True
        except (self._ray.exceptions.RayError, ProtoplastError) as error:
            # What cannot be said for certain is kept: its results may be wanted.
            logger.debug("layout %s: runner %s: %s", self.layout, self.name, error)
        return False

    def _ask(self, function: Any, *arguments: Any) -> Any:
        reference = self._flotilla_runner.runner.__ray_call__.remote(function, *arguments)
        try:
            with _errors_as_they_were_raised(self._ray):
                return self._ray.get(reference, timeout=RUNNER_TIMEOUT_S)
        except self._ray.exceptions.GetTimeoutError as error:
            raise NotInEffectError(
                f"Daft's runner actor {self.name} did not answer within {RUNNER_TIMEOUT_S:.0f} s; see "
                "whether the head node of the cluster is overloaded or out of memory"
            ) from error
        except self._ray.exceptions.RayError as error:
            if "protoplast" in str(error) and "ModuleNotFoundError" in str(error):
                raise NotInEffectError(
                    "protoplast cannot be imported on the cluster, so the workers cannot be set up. "
                    "Install it on every node (in the image that the nodes run), or ship it with "
                    'ray.init(runtime_env={"pip": ["protoplast"]})'
                ) from error
            raise


class Fleets:
    """The fleets of this process."""

    def __init__(self) -> None:
        # Reentrant: a query that is collected as garbage ends in whichever thread that happens.
        self._lock = threading.RLock()
        self._live: dict[_core.Layout, Fleet] = {}
        # Kept for as long as their runners own results: Ray ends an actor without handles.
        self._retired: list[Fleet] = []
        self._wanted: frozenset[_core.Layout] = frozenset()

    def live(self) -> list[Fleet]:
        """Return the fleets that can take queries."""
        with self._lock:
            return list(self._live.values())

    @contextlib.contextmanager
    def query(
        self, layout: _core.Layout, seams: daft_seams.Seams, ray_runner: Any
    ) -> Iterator[Fleet]:
        """Hold the fleet of a layout for one query. It is started where there is none."""
        fleet = self._begin(layout, seams, ray_runner)
        try:
            yield fleet
        finally:
            self._end(fleet)

    def keep_only(self, layouts: frozenset[_core.Layout]) -> None:
        """Retire the fleets of all other layouts, each as soon as its last query has ended."""
        with self._lock:
            self._wanted = layouts
            for fleet in list(self._live.values()):
                self._retire_if_unused(fleet)
            self._retired = [fleet for fleet in self._retired if not fleet.is_gone()]

    def _begin(self, layout: _core.Layout, seams: daft_seams.Seams, ray_runner: Any) -> Fleet:
        with self._lock:
            fleet = self._live.get(layout)
            if fleet is not None and not self._still_good(fleet):
                del self._live[layout]
                fleet = None
            if fleet is None:
                fleet = self._live[layout] = Fleet(layout, seams, ray_runner)
            fleet.active += 1
            return fleet

    def _still_good(self, fleet: Fleet) -> bool:
        if not fleet.is_of_this_session():
            return False
        try:
            fleet.install()
        except fleet.runner_died:
            logger.warning("layout %s: runner %s has died", fleet.layout, fleet.name)
            return False
        return True

    def _end(self, fleet: Fleet) -> None:
        with self._lock:
            fleet.active -= 1
            self._retire_if_unused(fleet)

    def _retire_if_unused(self, fleet: Fleet) -> None:
        if fleet.active or fleet.layout in self._wanted:
            return
        if self._live.get(fleet.layout) is fleet:
            del self._live[fleet.layout]
        if fleet.is_gone():
            return
        # Its handle is kept also where it cannot be asked now: dropping it ends the runner.
        self._retired.append(fleet)
        try:
            fleet.retire()
        except Exception as error:
            logger.debug("layout %s: runner %s: %s", fleet.layout, fleet.name, error)


def _session(ray: Any) -> tuple[str, str] | None:
    # To ask a Ray that was shut down would start another.
    if not ray.is_initialized():
        return None
    context = ray.get_runtime_context()
    return (context.get_node_id(), context.get_job_id())


@contextlib.contextmanager
def _errors_as_they_were_raised(ray: Any) -> Iterator[None]:
    """Raise protoplast's own errors from an actor as themselves.

    Ray wraps what an actor raises, with the traceback of the other process. A user should see the
    error that was meant for them; Ray's stays as its cause.
    """
    try:
        yield
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, ProtoplastError):
            raise error.cause from error
        raise


FLEETS = Fleets()
