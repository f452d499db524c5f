"""Gives the workers of a plan their shares, by their environment and by a call into each worker.

If a worker can use a process that Ray has prestarted, it starts in one and gets its environment by the
call, because starting a process with an environment takes longer. If the call comes too late, or fails
because the node has no protoplast, the worker starts again in a new process with its environment. The
environment alone sets the worker's memory limit and threads. Its CPUs and its own GPUs need the call,
and so need protoplast on the node.
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
        plan: The workers to start.
        nodes: The nodes of the cluster, as `ray.nodes()` gives them.
        ray: The `ray` module.
        in_prestarted_processes: Whether workers may start in processes that Ray has prestarted.

    Attributes:
        unfit: The ids of the workers whose prestarted processes could not take their shares. `finish`
            fills it. These workers must start again without `in_prestarted_processes`.

    Raises:
        NotInEffectError: The workers are to be pinned, and two nodes share a host.
    """

    def __init__(
        self,
        plan: _core.Plan,
        nodes: Sequence[Mapping[str, Any]],
        ray: Any,
        *,
        in_prestarted_processes: bool,
    ) -> None:
        self.unfit: list[str] = []
        self._ray = ray
        self._in_prestarted_processes = in_prestarted_processes
        # What the call must set in prestarted processes, by worker id.
        self._environments: dict[str, dict[str, str]] = {}
        self._calls: dict[str, Any] = {}
        self._user_variables = _set_by_user(ray) if plan.workers else frozenset()
        self._unpinned: frozenset[str] = frozenset()
        if any(planned.pin for planned in plan.workers):
            self._unpinned = frozenset(_core.unpinned_nodes(plan, nodes))
            for node_id in sorted(self._unpinned):
                logger.warning(
                    "node %s: workers are not pinned, because another node shares the host", node_id
                )

    def options(self, planned: _core.Worker, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return Daft's options for an actor, with those that the worker needs added.

        Ray must not restart a worker that the call sets up, whatever Daft asks for, because a restart
        runs `__init__` and not the call. Daft starts another worker in its place at its next refresh.

        Args:
            planned: The worker.
            options: The options that Daft starts the actor with.
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
            self._in_prestarted_processes
            and _core.fits_prestarted_process(planned)
            and not runtime_env  # A `runtime_env` makes Ray start a process anyway.
        ):
            self._environments[planned.worker_id] = environment
            return dict(options)
        runtime_env["env_vars"] = {**environment, **runtime_env.get("env_vars", {})}
        return {**options, "runtime_env": runtime_env}

    def begin(self, planned: _core.Worker, actor: Any) -> None:
        """Call into a worker, so that it sets itself up. Does not wait.

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
        """Return the ids of the workers that have set themselves up so far. Does not wait."""
        by_call = {call: worker_id for worker_id, call in dict(self._calls).items()}
        if not by_call:
            return set()
        ready, _ = self._ray.wait(list(by_call), num_returns=len(by_call), timeout=0)
        return {by_call[call] for call in ready}

    def finish(self, planned: _core.Worker, timeout: float) -> bool:
        """Wait until a worker is set up.

        Args:
            planned: The worker.
            timeout: Seconds to wait.

        Returns:
            Whether the worker is set up. It is not if it has died, has not come up in time or is unfit.

        Raises:
            NotInEffectError: The worker could not be set up. The message names it.
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
                    return self._is_unfit(planned, "its node has no protoplast of this version")
                logger.warning(
                    "worker %s: its node has no protoplast of this version, so only its memory limit "
                    "and threads are set",
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
                f"worker '{planned.worker_id}' could not be set up: {difference}; remove whatever sets "
                "it from the nodes' images or from the job's worker_process_setup_hook"
            )
        if report.differences:
            logger.info("worker %s: %s", planned.worker_id, "; ".join(report.differences))
        return True

    def _is_unfit(self, planned: _core.Worker, reason: str) -> bool:
        logger.info("worker %s starts in a new process: %s", planned.worker_id, reason)
        self.unfit.append(planned.worker_id)
        return False


def _is_set_up(planned: _core.Worker) -> bool:
    # Other workers stay as Daft starts them.
    return bool(_core.environment(planned)) or _needs_protoplast(planned)


def _needs_protoplast(planned: _core.Worker) -> bool:
    return planned.pin is not None or planned.sees_own_gpus


def _set_by_user(ray: Any) -> frozenset[str]:
    """Return the thread variables that the user has set for the job or on this node."""
    of_job = ray.get_runtime_context().runtime_env.get("env_vars") or {}
    return frozenset(
        name
        for name in _core.THREAD_VARIABLES
        if name in of_job or _core.parent_variable(name) is not None
    )
