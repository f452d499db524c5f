"""How the workers of a plan get their shares: by their environment, and by a call into each.

A worker that can do with a process that Ray has ready is started in one, and gets its environment by
the call: to start a process with an environment costs a second, and Ray has some ready. Where the call
comes too late, or cannot be made since the node has no protoplast, the worker is started anew with its
environment. That alone gives it its memory and its threads. What is bound to a process, its CPUs and its
own GPUs, needs protoplast there.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from protoplast import _core
from protoplast.errors import NotInEffectError, ProtoplastError
from protoplast.worker import calls as worker_calls
from protoplast.worker.report import WorkerReport
from protoplast.worker.versions import could_not_import

logger = logging.getLogger(__name__)


class WorkerSetup:
    """The set-up of the workers that one call of `start_ray_workers` starts.

    Args:
        plan: Those workers.
        nodes: The nodes of the cluster, as `ray.nodes()` gives them.
        ray: The module.
        in_ready_processes: Whether processes that Ray has ready may be used.

    Attributes:
        unfit: The workers whose processes could not take their shares, to be started anew without
            `in_ready_processes`. Filled by `finish`.

    Raises:
        NotInEffectError: They are to be pinned, and nodes share a host.
    """

    def __init__(
        self,
        plan: _core.Plan,
        nodes: Sequence[Mapping[str, Any]],
        ray: Any,
        *,
        in_ready_processes: bool,
    ) -> None:
        self.unfit: list[str] = []
        self._ray = ray
        self._in_ready_processes = in_ready_processes
        # What is to be set in the processes that Ray had ready.
        self._environments: dict[str, dict[str, str]] = {}
        self._calls: dict[str, Any] = {}
        self._user_variables = _set_by_user(ray) if plan.workers else frozenset()
        self._unpinned: frozenset[str] = frozenset()
        if any(planned.pin for planned in plan.workers):
            self._unpinned = frozenset(_core.unpinned_nodes(plan, nodes))
            for node_id in sorted(self._unpinned):
                logger.warning(
                    "node %s: workers are not pinned, another node shares its host", node_id
                )

    def options(self, planned: _core.Worker, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of an actor with what a worker needs added or set.

        One that is set up is never started again by Ray, whatever Daft asks for: its `__init__` would
        run, and nothing else. Daft starts another in its place at its next refresh.

        Args:
            planned: The worker.
            options: What Daft starts the actor with.
        """
        if _is_set_up(planned):
            options = {**options, "max_restarts": 0}
        environment = {
            name: value
            for name, value in _core.environment(planned).items()
            if name not in self._user_variables
        }
        if not environment:
            return dict(options)
        runtime_env = dict(options.get("runtime_env") or {})
        if (
            self._in_ready_processes
            and _core.fits_prestarted_process(planned)
            and not runtime_env  # Ray has to start a process for that anyway.
        ):
            self._environments[planned.worker_id] = environment
            return dict(options)
        runtime_env["env_vars"] = {**environment, **runtime_env.get("env_vars", {})}
        return {**options, "runtime_env": runtime_env}

    def begin(self, planned: _core.Worker, actor: Any) -> None:
        """Have a worker set itself up. Does not wait.

        Args:
            planned: The worker.
            actor: The handle of its actor.
        """
        if not _is_set_up(planned):
            return
        if planned.node_id in self._unpinned:
            planned = planned.unpinned()
        self._calls[planned.worker_id] = actor.__ray_call__.remote(
            worker_calls.set_up,
            planned,
            self._environments.get(planned.worker_id),
        )

    def answered(self) -> set[str]:
        """Return the workers that have set themselves up so far. Does not wait."""
        by_call = {call: worker_id for worker_id, call in dict(self._calls).items()}
        if not by_call:
            return set()
        ready, _ = self._ray.wait(list(by_call), num_returns=len(by_call), timeout=0)
        return {by_call[call] for call in ready}

    def finish(self, planned: _core.Worker, timeout: float) -> bool:
        """Wait until a worker is set up; False where it has died, has not come up or is unfit.

        Args:
            planned: The worker.
            timeout: Seconds to wait.

        Raises:
            NotInEffectError: It could not be set up; the message has its id.
        """
        if planned.worker_id not in self._calls:
            return True
        call = self._calls[planned.worker_id]
        errors = self._ray.exceptions
        try:
            answer: str | None = self._ray.get(call, timeout=timeout)
        except (errors.ActorDiedError, errors.GetTimeoutError) as error:
            logger.warning("worker %s has not come up: %s", planned.worker_id, error)
            return False
        except errors.RayError as error:
            if could_not_import(error) and not _needs_protoplast(planned):
                if planned.worker_id in self._environments:
                    return self._is_unfit(planned, "no protoplast of this version on its node")
                logger.warning(
                    "worker %s: no protoplast of this version on its node; it has what its environment "
                    "gives it",
                    planned.worker_id,
                )
                return True
            cause = getattr(error, "cause", None)
            reason = cause if isinstance(cause, ProtoplastError) else error
            raise NotInEffectError(
                f"worker '{planned.worker_id}' could not be set up: {reason}"
            ) from error
        if answer is None:
            return self._is_unfit(planned, "its process has run other work before")
        report = WorkerReport.read(answer)
        if difference := _core.memory_drift(planned, dict(report.environment)):
            raise NotInEffectError(
                f"worker '{planned.worker_id}' could not be set up: {difference}; take what sets it "
                "out of the nodes' images, or out of the job's worker_process_setup_hook"
            )
        if report.differences:
            logger.info("worker %s: %s", planned.worker_id, "; ".join(report.differences))
        return True

    def _is_unfit(self, planned: _core.Worker, reason: str) -> bool:
        logger.info("worker %s: %s; it gets a new process", planned.worker_id, reason)
        self.unfit.append(planned.worker_id)
        return False


def _is_set_up(planned: _core.Worker) -> bool:
    # Others are Daft's own, as they are on stock.
    return bool(_core.environment(planned)) or _needs_protoplast(planned)


def _needs_protoplast(planned: _core.Worker) -> bool:
    return planned.pin is not None or planned.sees_own_gpus


def _set_by_user(ray: Any) -> frozenset[str]:
    """Return the variables of thread pools that the user has set for the job, or on this node."""
    of_job = ray.get_runtime_context().runtime_env.get("env_vars") or {}
    return frozenset(
        name
        for name in _core.THREAD_VARIABLES
        if name in of_job or _core.parent_variable(name) is not None
    )
