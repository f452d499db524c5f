"""Every name of Daft's and Ray's that protoplast relies on, and the check that it is as expected.

Nothing else in the package imports Daft or reaches into it by a name of its own. `load` imports what
is needed, checks it and changes nothing; what is missing raises `UnsupportedDaftError`.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import re
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from protoplast import _core
from protoplast.errors import UnsupportedDaftError

logger = logging.getLogger(__name__)

OLDEST_DAFT = "0.5.22"
NEWEST_DAFT = "0.7.26"

# Daft's name for the runner type of Ray, and the environment variable that chooses it
# (get_runner_config_from_env in Daft's Rust sources, 0.5.22 to 0.7.26).
RAY_RUNNER_TYPE = "ray"
RUNNER_VARIABLE = "DAFT_RUNNER"

# What the code of each function has to mention for the patch to take hold of it. With a bar between
# them, one of the names is enough.
_EXPECTED_NAMES: dict[str, tuple[str, ...]] = {
    "daft.runners.ray_runner:RayRunner.run_iter": ("flotilla_plan_runner", "stream_plan"),
    "daft.runners.flotilla:FlotillaRunner.__init__": (
        "RemoteFlotillaRunner",
        # The first from 0.7.2 on, the second before: one shared name for all drivers.
        "get_flotilla_runner_actor_name|FLOTILLA_RUNNER_NAME",
    ),
    "daft.runners.flotilla:FlotillaRunner.stream_plan": ("runner", "run_plan"),
    "daft.runners.flotilla:get_head_node_id": ("nodes",),
    "daft.runners.flotilla:start_ray_workers": (
        "ray",
        "nodes",
        "NodeAffinitySchedulingStrategy",
        "RaySwordfishActor",
        "options",
        "remote",
        "RaySwordfishWorker",
    ),
}


@dataclass(frozen=True)
class Seams:
    """The parts of Daft and Ray that are touched, as they were when they were checked."""

    ray: types.ModuleType
    flotilla: Any
    ray_runner_class: type
    flotilla_runner_class: type


def load() -> Seams:
    """Import Daft's Ray runner and check every seam.

    Raises:
        UnsupportedDaftError: Daft or Ray is not installed, is too old, or lacks a seam.
    """
    try:
        daft = importlib.import_module("daft")
        ray = importlib.import_module("ray")
        flotilla = importlib.import_module("daft.runners.flotilla")
        ray_runner = importlib.import_module("daft.runners.ray_runner")
    except ImportError as error:
        raise UnsupportedDaftError(
            f"Daft with its Ray runner cannot be imported ({error}); "
            f'install it with: pip install "daft[ray]>={OLDEST_DAFT}"'
        ) from error
    _check_version(daft.__version__)
    for seam, expected in _EXPECTED_NAMES.items():
        _check_function(seam, expected, daft.__version__)
    return Seams(
        ray=ray,
        flotilla=flotilla,
        ray_runner_class=ray_runner.RayRunner,
        flotilla_runner_class=flotilla.FlotillaRunner,
    )


def start_ray_workers() -> Any:
    """Return what stands in this process where Daft's Rust code looks `start_ray_workers` up."""
    return importlib.import_module("daft.runners.flotilla").start_ray_workers


def plan_text(plan: Any) -> str:
    """Return a distributed plan as `Needs::read` in Rust takes it (0.5.22 to 0.7.26).

    Args:
        plan: A `DistributedPhysicalPlan`.

    Returns:
        Where Daft cannot print the plan, its error, which is no plan either. Such a plan does not run,
        and the user is to see the error that Daft gives then.
    """
    try:
        return str(plan.repr_ascii(False))
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # A panic in Daft's Rust code is no Exception.
        return f"{type(error).__name__}: {error}"


def cluster_can_grow() -> bool:
    """Return whether an autoscaler may add nodes to the cluster; True where that cannot be told."""
    try:
        store = importlib.import_module("ray.experimental.internal_kv")
        if not store._internal_kv_initialized():  # Under a Ray Client.
            return True
        # The second autoscaler writes no status that could be read here.
        if importlib.import_module("ray.autoscaler.v2.utils").is_autoscaler_v2():
            return True
        return _core.can_grow(store._internal_kv_get("__autoscaling_status"))
    except Exception as error:
        logger.debug("Ray's autoscaler cannot be asked for: %s", error)
        return True


def drop_plans(runner: Any) -> None:
    """Drop the plans that a `RemoteFlotillaRunner` still holds, with the results nobody has read.

    Daft drops a plan when its last result is read (`get_next_partition`, 0.5.22 to 0.7.26), so one
    that was abandoned stays.

    Args:
        runner: The instance, in its own process.
    """
    for name in ("curr_result_gens", "curr_plans"):
        getattr(runner, name, {}).clear()


def release_dropped() -> None:
    """Have Daft's Rust code let go of the Python objects that it dropped on its own threads.

    It does so (as all of pyo3 does) when Python next calls into it, which in an idle process is never.
    """
    importlib.import_module("daft.context").get_context()


def rebound(function: Callable[..., Any], names: dict[str, Any]) -> Callable[..., Any]:
    """Return the same function with other values for some of the global names that it reads.

    Args:
        function: A plain Python function. It is not changed, and neither is its module.
        names: The global names and what the new function sees in their place.
    """
    assert isinstance(function, types.FunctionType)
    copy = types.FunctionType(
        function.__code__,
        {**function.__globals__, **names},
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def new_flotilla_runner(seams: Seams, actor_name: str, ray_runner: Any) -> Any:
    """Make a `FlotillaRunner` whose runner actor has a name of its own.

    Args:
        seams: The checked seams.
        actor_name: The name of the actor in Daft's Ray namespace; unique in the cluster.
        ray_runner: The `RayRunner` of the process, whose `worker_startup_timeout` is kept.
    """
    init: Any = seams.flotilla_runner_class.__init__  # type: ignore[misc]
    arguments = {}
    # Since 0.7.15: the user's own timeout, as RayRunner.run_iter passes it.
    if "worker_startup_timeout" in inspect.signature(init).parameters:
        arguments["worker_startup_timeout"] = ray_runner.worker_startup_timeout
    runner: Any = object.__new__(seams.flotilla_runner_class)
    named = {
        "get_flotilla_runner_actor_name": lambda: actor_name,
        "FLOTILLA_RUNNER_NAME": actor_name,
    }
    rebound(init, named)(runner, **arguments)
    return runner


def runner_type() -> str:
    """Return the type of the process's runner, chosen or inferred: `ray` or `native`."""
    # A function of daft.runners since 0.6.2, a method of the context before.
    infer = getattr(importlib.import_module("daft.runners"), "get_or_infer_runner_type", None)
    infer = infer or importlib.import_module("daft.context").get_context().get_or_infer_runner_type
    return str(infer())


def _check_version(version: str) -> None:
    if _release(version) < _release(OLDEST_DAFT):
        raise UnsupportedDaftError(
            f"Daft {version} is too old; protoplast supports {OLDEST_DAFT} to {NEWEST_DAFT}. "
            f'Upgrade with: pip install "daft[ray]>={OLDEST_DAFT}"'
        )
    if _release(version) > _release(NEWEST_DAFT):
        logger.warning(
            "daft %s is newer than the newest that protoplast was tested with (%s); "
            "all that it relies on is there",
            version,
            NEWEST_DAFT,
        )


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _check_function(seam: str, expected: tuple[str, ...], version: str) -> None:
    module, _, path = seam.partition(":")
    value: Any = importlib.import_module(module)
    for name in path.split("."):
        value = vars(value).get(name)
        if value is None:
            raise _unsupported(seam, "is missing", version)
    if not isinstance(value, types.FunctionType):
        raise _unsupported(seam, f"is a {type(value).__name__} and not a plain function", version)
    mentioned = set(_names(value.__code__))
    for name in expected:
        if not mentioned.intersection(name.split("|")):
            raise _unsupported(seam, f"does not use {name.replace('|', ' or ')}", version)


def _unsupported(seam: str, what: str, version: str) -> UnsupportedDaftError:
    return UnsupportedDaftError(
        f"{seam} {what} in Daft {version}; protoplast supports {OLDEST_DAFT} to {NEWEST_DAFT}. "
        "Nothing was changed. If another library patches Daft, apply protoplast's patch first"
    )


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
