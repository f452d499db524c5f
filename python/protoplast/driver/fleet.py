"""A fleet: one runner actor and its workers under one layout."""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
import time
from collections.abc import Generator
from typing import Any

from protoplast import _core
from protoplast import runner as in_runner
from protoplast.driver.progress import Progress
from protoplast.driver.python_code.query import QueryInstances
from protoplast.driver.ray_errors import translate_ray_errors, translate_runner_death
from protoplast.driver.whole_query import WholeRun
from protoplast.errors import NotInEffectError, ProtoplastError
from protoplast.runner.messages import RunnerReport, ViewReport
from protoplast.seams import daft as daft_seams
from protoplast.seams import partition_results
from protoplast.seams.actor_names import runner_name
from protoplast.worker.versions import could_not_import, version_in

logger = logging.getLogger(__name__)

# How long a runner actor may take to start, in seconds: a little more than the ten minutes that Ray
# gives a runtime environment to be built (DEFAULT_RUNTIME_ENV_TIMEOUT_SECONDS).
START_TIMEOUT_S = 660.0

# How often a call that the runner has not answered yet is logged, in seconds.
START_REPORT_S = 30.0

# How often the driver asks a runner that Ray cannot reach again, in seconds.
_UNAVAILABLE_INTERVAL_S = 0.5

# How long a runner that has started may take to answer, in seconds.
ANSWER_TIMEOUT_S = 120.0

# How long a runner may take to end an interrupted query that runs on one worker, in seconds.
ABANDON_TIMEOUT_S = 10.0

# How long a retired runner may take to say that it serves again, in seconds. A new runner starts in
# less.
RESUME_TIMEOUT_S = 10.0


class Fleet:
    """One of Daft's runner actors, with the cluster view of one layout installed in it.

    Args:
        layout: The layout of its workers.
        seams: The checked seams.
        ray_runner: The `RayRunner` of this process.

    Raises:
        NotInEffectError: The runner cannot import protoplast, has another version of it, or does not
            answer.
    """

    def __init__(self, layout: _core.Layout, seams: daft_seams.Seams, ray_runner: Any) -> None:
        self.layout = layout
        # How many queries run on this fleet. Only `Fleets` changes it, under its lock.
        self.active = 0
        # The layouts in force whose queries were sent here. Guarded by the same lock.
        self.serves: set[_core.Layout] = set()
        # Whether a query has had rows from this fleet, which means that its workers have started. Only
        # queries change it.
        self.has_answered = False
        # Whether a query on this fleet was interrupted, by the user or by an error in the driver. Only
        # that query changes it.
        self.was_interrupted = False
        # Whether abandoned queries, whose results nobody will read, still run on this fleet.
        self.is_draining = False
        # The calls that told the runner of abandoned queries. Only the abandoned query adds one.
        self._drain_calls: list[Any] = []
        # The plans of the abandoned queries that write.
        self._writing: set[str] = set()
        self._ray = seams.ray
        self._session = _session(seams.ray)
        # Which term of the runner's service this is, whether the term is over, and the call that told
        # the runner so. The lock guards all three, and no thread holds it while it waits for Ray. It is
        # reentrant because garbage collection may end a query, and so retire a fleet, in any thread.
        self._term_lock = threading.RLock()
        self._term = 0
        self._is_retired = False
        self._retire_call: Any = None
        # Whether the runner must never be resumed.
        self._is_unfit = False
        job = seams.ray.get_runtime_context().get_job_id()
        self.name = runner_name(job, layout)
        self._progress = self._new_progress()
        self._flotilla_runner = daft_seams.new_flotilla_runner(seams, self.name, ray_runner)
        try:
            self._install(START_TIMEOUT_S)
        except BaseException:
            self._kill()
            raise
        logger.info("layout %s: runner %s started", layout, self.name)

    def is_healthy(self) -> bool:
        """Return whether the runner serves with its view installed, or False if it is gone for good.

        Raises:
            NotInEffectError: The runner does not answer, or has another layout or version.
        """
        if self._session != _session(self._ray):
            return False
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        while True:
            try:
                while self._drain_calls:  # Calls into the runner may overtake each other, so wait.
                    self._wait_for(self._drain_calls.pop(), ANSWER_TIMEOUT_S)
                self.is_draining = self._install(ANSWER_TIMEOUT_S).abandoned > 0
                return True
            except self._ray.exceptions.ActorDiedError:
                logger.warning("layout %s: runner %s has died", self.layout, self.name)
                return False
            except self._ray.exceptions.ActorUnavailableError as error:
                # The runner may have died without a slow head noticing it yet.
                if time.monotonic() > deadline:
                    raise self._silent(ANSWER_TIMEOUT_S) from error
                time.sleep(_UNAVAILABLE_INTERVAL_S)

    def report(self, timeout: float) -> RunnerReport | None:
        """Ask the runner for its layout and workers.

        Args:
            timeout: Seconds to wait.

        Returns:
            The report, or None if the runner does not answer, has died or belongs to a Ray session
            that has ended.
        """
        if self._session != _session(self._ray):
            return None
        try:
            report: RunnerReport = self._wait_for(self.ask(in_runner.calls.report), timeout)
        except (self._ray.exceptions.RayError, ProtoplastError) as error:
            logger.warning("layout %s: runner %s: %s", self.layout, self.name, error)
            return None
        return report

    def stream(
        self,
        plan: Any,
        partition_sets: Any,
        *,
        writes: bool,
        collects: bool,
        instances: QueryInstances,
        whole: WholeRun | None = None,
    ) -> Generator[Any, None, Any]:
        """Run a plan on this fleet. Yields and returns what Daft's own `stream_plan` does.

        Args:
            plan: The plan.
            partition_sets: The partitions of the in-memory tables that the plan reads.
            writes: Whether the plan writes, to files or through a sink.
            collects: Whether the plan is known to be read to its end before its rows are used.
            instances: Learns what the class UDFs of the plan cost.
            whole: The run of the query on one worker, or None if it runs in tasks.

        Raises:
            RunnerDiedError: The runner actor died.
            ResultLostError: Rows that the plan reads or was working on are lost.
        """
        try:
            plainly = translate_runner_death(self._ray, self._flotilla_runner.runner, self.name)
            with plainly, self._progress.shown():
                plan_id = daft_seams.plan_id(plan)
                plan = instances.tag(plan, plan_id)
                if instances.expected is not None:
                    if whole is not None:
                        whole.failure, whole = "its workers share its class UDFs", None
                    self._tell(in_runner.calls.expect_instances, plan_id, instances.expected)
                runner = self._flotilla_runner
                if whole is None:
                    stream = runner.stream_plan(plan, partition_sets)
                else:
                    stream = whole.stream(runner, self.ask, self._ray, plan, partition_sets)
                many = functools.partial(self.ask, in_runner.calls.collect, plan_id)
                result = yield from partition_results.unpacked(stream, many if collects else None)
                self._end(instances, whole, plan_id)
            self.has_answered = True
            return result
        except BaseException as error:
            # Ray raises the plan's own errors. Any other error came from outside, such as a Ctrl-C or an
            # exception that a signal handler raised.
            known = (GeneratorExit, self._ray.exceptions.RayError, ProtoplastError)
            is_interrupted = not isinstance(error, known)
            # A reader that stops half-way, as `show()` does, has had a part of the answer.
            self.has_answered = self.has_answered or isinstance(error, GeneratorExit)
            self._drain(plan, writes, is_interrupted, whole)
            raise

    def retire(self) -> None:
        """End the workers now, and the runner once it owns no results. Does not wait.

        Workers that still write for an interrupted or abandoned query end when they have written.
        """
        with self._term_lock:
            is_first, self._is_retired = not self._is_retired, True
            term = self._term
        if is_first:
            logger.info("layout %s: runner %s retires", self.layout, self.name)
        try:
            # Outside the lock, because garbage collection may retire other fleets during the call.
            if self._session == _session(self._ray):
                retire_call = self.ask(in_runner.calls.retire, term, frozenset(self._writing))
                with self._term_lock:
                    if self._term == term:
                        self._retire_call = retire_call
        except Exception as error:
            # `has_left` asks again. A query that ends must not fail because of this.
            logger.warning("layout %s: runner %s: %s", self.layout, self.name, error)

    def has_left(self) -> bool:
        """Return whether a retired runner is gone. Does not wait; retires it again if need be."""
        with self._term_lock:
            if not self._is_retired:  # Another thread has just resumed it.
                return False
            retire_call = self._retire_call
        try:
            if self._session != _session(self._ray):
                return True
            if retire_call is not None:
                ready, _ = self._ray.wait([retire_call], timeout=0)
                if not ready:
                    return False
                self._ray.get(retire_call)
        except self._ray.exceptions.ActorDiedError:
            return True
        except Exception as error:
            logger.warning("layout %s: runner %s: %s", self.layout, self.name, error)
        with self._term_lock:
            is_retired = self._is_retired
        if is_retired:
            self.retire()
        return False

    def resume(self, startup_timeout: int | None) -> bool:
        """Have a retired runner serve again, with new workers at the next query.

        A runner can be resumed if every query that ran on it was read to its end and the runner has not
        begun to leave. A runner that cannot be resumed is retired for good.

        Args:
            startup_timeout: How long Daft waits for its workers, in seconds, or None if this Daft takes
                no such timeout.

        Returns:
            Whether the runner takes queries.
        """
        with self._term_lock:
            is_of_now = self._session == _session(self._ray)
            if not (self._is_retired and is_of_now) or self.was_interrupted or self._is_unfit:
                return False
            self._is_retired = False
            self._term += 1
            retire_call, self._retire_call = self._retire_call, None
            # The runner stays unfit until it has said that it serves.
            self._is_unfit = True
            term = self._term
        try:
            if retire_call is not None:  # Calls into the runner may overtake each other, so wait.
                self._wait_for(retire_call, RESUME_TIMEOUT_S)
            asked = self.ask(in_runner.calls.resume, term, startup_timeout)
            is_resumed = bool(self._wait_for(asked, RESUME_TIMEOUT_S))
        except (self._ray.exceptions.RayError, ProtoplastError) as error:
            logger.info("layout %s: runner %s: %s", self.layout, self.name, error)
            is_resumed = False
        if not is_resumed:
            self.retire()
            return False
        self._is_unfit = False
        self.serves.clear()
        self.has_answered = False
        self._progress = self._new_progress()
        logger.info("layout %s: runner %s serves again", self.layout, self.name)
        return True

    def _new_progress(self) -> Progress:
        return Progress(self._ray, self._ask_startup_progress, daft_seams.tqdm_of_driver)

    def _drain(self, plan: Any, writes: bool, is_interrupted: bool, whole: WholeRun | None) -> None:
        try:
            if self._session == _session(self._ray):
                plan_id = daft_seams.plan_id(plan)
                if writes:
                    self._writing.add(plan_id)
                call = self.ask(in_runner.calls.abandon, plan_id, writes)
                self._drain_calls.append(call)
                if is_interrupted and whole is not None:
                    # A query on one worker has ended, and its workers can take the next one.
                    is_interrupted = bool(self._wait_for(call, ABANDON_TIMEOUT_S))
            self.was_interrupted = self.was_interrupted or is_interrupted
            if self.was_interrupted and writes:
                logger.warning(
                    "layout %s: the interrupted query writes, so it runs to its end; the next query "
                    "gets new workers",
                    self.layout,
                )
        except Exception as error:
            self.was_interrupted = self.was_interrupted or is_interrupted
            # The runner may have died, and Ray may be shutting down.
            logger.warning("layout %s: runner %s: %s", self.layout, self.name, error)

    def _end(self, instances: QueryInstances, whole: WholeRun | None, plan_id: str) -> None:
        try:
            if instances.expected is not None:
                instances.learn(self._tell(in_runner.calls.end_instances, plan_id))
            if whole is not None:
                whole.end(self._tell(in_runner.calls.end_whole_query, plan_id))
        except Exception as error:
            # The query has its results. Without the first call the workers free its instances when they
            # end, and without the second one it stays unknown how the query ran.
            logger.warning("layout %s: runner %s: %s", self.layout, self.name, error)

    def _install(self, timeout: float) -> ViewReport:
        report: ViewReport = self._wait_for(self.ask(in_runner.calls.install, self.layout), timeout)
        if report.version != _core.__version__:
            raise _other_version(report.version)
        return report

    def _kill(self) -> None:
        with contextlib.suppress(Exception):
            self._ray.kill(self._flotilla_runner.runner)

    def _ask_startup_progress(self) -> Any:
        if self._session != _session(self._ray):
            raise NotInEffectError(f"runner {self.name} belongs to a Ray session that has ended")
        return self.ask(in_runner.calls.startup_progress)

    def _tell(self, function: Any, *arguments: Any) -> Any:
        """Ask the runner, wait for its answer and return it."""
        return self._wait_for(self.ask(function, *arguments), ANSWER_TIMEOUT_S)

    def ask(self, function: Any, *arguments: Any) -> Any:
        """Send a function into the runner actor. Returns the reference of its answer."""
        return self._flotilla_runner.runner.__ray_call__.remote(function, *arguments)

    def _wait_for(self, reference: Any, timeout: float) -> Any:
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            ready, _ = self._ray.wait([reference], timeout=min(left, START_REPORT_S))
            if ready:
                return self._answer(reference)
            logger.warning("layout %s: runner %s has not answered yet", self.layout, self.name)
        raise self._silent(timeout)

    def _silent(self, timeout: float) -> NotInEffectError:
        return NotInEffectError(
            f"Daft's runner actor {self.name} did not answer within {timeout:.0f} s; check whether the "
            "head node of the cluster is overloaded, or a runtime_env is still being built there"
        )

    def _answer(self, reference: Any) -> Any:
        try:
            with translate_ray_errors(self._ray):
                return self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            if could_not_import(error):
                raise self._not_importable() from error
            raise

    def _not_importable(self) -> NotInEffectError:
        there = version_in(self._flotilla_runner.runner, self._ray)
        if there is not None:
            return _other_version(there)
        return NotInEffectError(
            "protoplast cannot be imported on the cluster, so the workers cannot be set up. "
            f"Install protoplast {_core.__version__} in the image of the nodes, or ship it: "
            'ray.init(runtime_env={"py_modules": [protoplast]}) sends the package from here, '
            'ray.init(runtime_env={"pip": {"packages": ["<its wheel>"], '
            '"pip_install_options": ["--no-deps"]}}) installs the wheel on each node'
        )


def _other_version(there: str) -> NotInEffectError:
    here = _core.__version__
    if there == here:
        return NotInEffectError(
            f"the cluster has another build of protoplast {here} than this process; install the same "
            "one on every node"
        )
    return NotInEffectError(
        f"the cluster has protoplast {there} and this process {here}; install {here} on every node"
    )


def _session(ray: Any) -> tuple[str, str] | None:
    # After a shutdown, asking for the context would start a new Ray.
    if not ray.is_initialized():
        return None
    context = ray.get_runtime_context()
    return (context.get_node_id(), context.get_job_id())
