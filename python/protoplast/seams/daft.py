"""The names of Daft's that protoplast relies on, and the check that each is as expected.

`load` imports what is needed, checks it and changes nothing; what is missing raises
`UnsupportedDaftError`. What is reached in the process of a runner is in `runner_actor`, what only
improves a query in `optional`, and what is Ray's in `ray`. No other folder imports a module of Daft's;
`tests/seams/test_seams.py` checks that. An object that Daft hands over is used by its attributes in
other folders too: a `RayRunner` in `driver.route`, the builder of a plan in `driver.outputs`, the class
of a worker's actor in `runner.launch`.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from protoplast.errors import UnsupportedDaftError
from protoplast.seams import check
from protoplast.seams import optional as optional_seams
from protoplast.seams import ray as ray_seams
from protoplast.seams.check import Function, Versions
from protoplast.seams.rebind import Overlay, rebound

logger = logging.getLogger(__name__)

OLDEST_DAFT = "0.5.22"
NEWEST_DAFT = "0.7.26"

# Daft's name for the runner type of Ray, and the environment variable that chooses it
# (get_runner_config_from_env in Daft's Rust sources, 0.5.22 to 0.7.26).
RAY_RUNNER_TYPE = "ray"
RUNNER_VARIABLE = "DAFT_RUNNER"

# The functions that read results in the driver.
_READERS = (
    "daft.runners.ray_runner:RayPartitionSet._get_merged_micropartition",
    "daft.runners.ray_runner:RayPartitionSet._get_preview_micropartitions",
    "daft.runners.ray_runner:RayMaterializedResult.micropartition",
)

# Functions, each with its first parameters and with what its code has to mention for the patch to take
# hold of it. With a bar between them, one of the names is enough.
_FUNCTIONS = (
    Function(
        "daft.runners.ray_runner:RayRunner.run_iter",
        ("self", "builder"),
        ("flotilla_plan_runner", "stream_plan"),
    ),
    Function(
        "daft.runners.flotilla:FlotillaRunner.__init__",
        ("self",),
        # The name is the driver's own from 0.7.2 on; before, one shared name for all drivers.
        ("RemoteFlotillaRunner", "options", "get_flotilla_runner_actor_name|FLOTILLA_RUNNER_NAME"),
    ),
    Function(
        "daft.runners.flotilla:FlotillaRunner.stream_plan",
        ("self", "plan", "partition_sets"),
        ("runner", "run_plan"),
    ),
    # The plans that run, by id, the streams of their results, and what runs them.
    Function(
        "daft.runners.flotilla:RemoteFlotillaRunner.__init__",
        ("self",),
        ("curr_plans", "curr_result_gens", "plan_runner"),
    ),
    Function("daft.runners.flotilla:get_head_node_id", (), ("nodes",)),
    Function(
        "daft.runners.flotilla:start_ray_workers",
        ("existing_worker_ids",),
        (
            "ray",
            "nodes",
            "NodeAffinitySchedulingStrategy",
            "RaySwordfishActor",
            "options",
            "remote",
            "RaySwordfishWorker",
        ),
    ),
    Function(
        "daft.runners.flotilla:RaySwordfishActor.__init__",
        ("self", "num_cpus", "num_gpus"),
        ("CUDA_VISIBLE_DEVICES",),
    ),
    *(Function(reader, ("self",), ("ray", "get")) for reader in _READERS),
)

# What only has to be there.
_ATTRIBUTES = (
    "daft.dataframe:DataFrame.collect",
    "daft.daft:DistributedPhysicalPlan.repr_ascii",
    # `id` before 0.7.0.
    "daft.daft:DistributedPhysicalPlan.idx|daft.daft:DistributedPhysicalPlan.id",
    "daft.runners.flotilla:RaySwordfishWorker",
    # A function of daft.runners since 0.6.2, a method of the context before.
    "daft.runners:get_or_infer_runner_type|daft.context:DaftContext.get_or_infer_runner_type",
    "daft:set_runner_ray|daft.context:set_runner_ray",
    # What runs a function inside an actor.
    "daft.runners.flotilla:RemoteFlotillaRunner.__ray_call__",
)


@dataclass(frozen=True)
class Seams:
    """The parts of Daft and Ray that are touched, as they were when they were checked."""

    ray: types.ModuleType
    flotilla: Any
    ray_runner_class: type
    flotilla_runner_class: type
    # Class and name of each function that reads results.
    readers: tuple[tuple[type, str], ...]


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
    versions = Versions(daft.__version__, ray.__version__, OLDEST_DAFT, NEWEST_DAFT)
    versions.check()
    for attribute in (*_ATTRIBUTES, *ray_seams.REQUIRED):
        check.attribute(attribute, versions)
    for function in _FUNCTIONS:
        check.function(function, versions)
    return Seams(
        ray=ray,
        flotilla=flotilla,
        ray_runner_class=ray_runner.RayRunner,
        flotilla_runner_class=flotilla.FlotillaRunner,
        readers=tuple(check.owner_and_name(seam) for seam in _READERS),
    )


def plan_text(plan: Any) -> str:
    """Return a plan as `Needs::read` in Rust takes it (0.5.22 to 0.7.26).

    Args:
        plan: A `DistributedPhysicalPlan`, or a builder in Rust of a logical plan.

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


def plan_views(plan: Any) -> dict[str, Any]:
    """Return the methods by which Daft shows a `DistributedPhysicalPlan` to people, by name."""
    return {name: getattr(plan, name) for name in _VIEWS if hasattr(plan, name)}


_VIEWS = ("repr_ascii", "repr_json", "repr_mermaid", "num_partitions")


def plan_partitions(plan: Any) -> int | None:
    """Return how many partitions a `DistributedPhysicalPlan` leaves; None if Daft does not say."""
    try:
        return int(plan.num_partitions())
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # A panic in Daft's Rust code is no Exception.
        logger.debug("the partitions of a plan are not known: %s", error)
        return None


# The plans of a query are made by this name of `run_iter`'s (0.5.22 to 0.7.26).
PLANS = "DistributedPhysicalPlan"


def plans_by_name(run_iter: Any) -> bool:
    """Return whether a function makes its plans by the global name `PLANS`, which can be rebound."""
    return isinstance(run_iter, types.FunctionType) and PLANS in run_iter.__code__.co_names


def execution_config() -> Any:
    """Return the execution config of this process, a `PyDaftExecutionConfig`."""
    return importlib.import_module("daft.context").get_context().daft_execution_config


def plan_of(df: Any) -> tuple[Any, Callable[[Any, Any], Any], Any]:
    """Plan a DataFrame as `RayRunner.run_iter` would, without running it.

    Args:
        df: The DataFrame.

    Returns:
        Its optimized builder in Rust, what plans such a builder under an execution config, and the
        config.
    """
    config = execution_config()
    builder = df._builder
    # Since 0.6.6: optimized for a config.
    takes_config = "execution_config" in inspect.signature(builder.optimize).parameters
    optimized = (builder.optimize(config) if takes_config else builder.optimize())._builder
    make = importlib.import_module("daft.daft").DistributedPhysicalPlan.from_logical_plan_builder
    # Since 0.6.2: with the id of the query.
    takes_id = "query_id" in inspect.signature(make).parameters
    ids = ("explain",) if takes_id else ()
    return optimized, lambda builder, config: make(builder, *ids, config), config


def plan_id(plan: Any) -> str:
    """Return the id of a `DistributedPhysicalPlan`, by which its runner knows it."""
    # `id` before 0.7.0.
    name = getattr(plan, "idx", None) or plan.id
    return str(name())


def startup_timeout(seams: Seams, ray_runner: Any) -> int | None:
    """Return the user's own timeout for the start of workers, in seconds; None before 0.7.15.

    Args:
        seams: The checked seams.
        ray_runner: The `RayRunner` of the process.
    """
    init: Any = seams.flotilla_runner_class.__init__  # type: ignore[misc]
    if "worker_startup_timeout" not in inspect.signature(init).parameters:
        return None
    return int(ray_runner.worker_startup_timeout)  # As RayRunner.run_iter passes it.


def new_flotilla_runner(seams: Seams, actor_name: str, ray_runner: Any) -> Any:
    """Make a `FlotillaRunner` whose runner actor has a name of its own.

    Ray never starts the actor again: it would come without its view, and with none of its results.

    Args:
        seams: The checked seams.
        actor_name: The name of the actor in Daft's Ray namespace; unique in the cluster.
        ray_runner: The `RayRunner` of the process, whose `worker_startup_timeout` is kept.
    """
    init: Any = seams.flotilla_runner_class.__init__  # type: ignore[misc]
    timeout = startup_timeout(seams, ray_runner)
    arguments = {} if timeout is None else {"worker_startup_timeout": timeout}
    runner: Any = object.__new__(seams.flotilla_runner_class)
    actor_class = init.__globals__["RemoteFlotillaRunner"]

    def once(**options: Any) -> Any:
        return actor_class.options(**{**options, "max_restarts": 0})

    named = {
        "RemoteFlotillaRunner": Overlay(actor_class, options=once),
        "get_flotilla_runner_actor_name": lambda: actor_name,
        "FLOTILLA_RUNNER_NAME": actor_name,
    }
    rebound(init, named)(runner, **arguments)
    return runner


def tqdm_of_driver() -> Any:
    """Return the class of Daft's bars in a driver; None if it does not show what its workers print.

    Daft's bars are made in the runner's process and come with its output.
    """
    return tqdm_of_bars() if ray_seams.driver_shows_logs() else None


def tqdm_of_bars() -> Any:
    """Return the class of the bars by which Daft shows its tasks on Ray; None if these are off.

    Flotilla makes them the same way, in its runner (`progress_bar.rs`, 0.5.22 to 0.7.26).
    """
    if not optional_seams.BARS.is_available():
        return None
    try:
        bars = importlib.import_module("daft.runners.progress_bar").ProgressBar(use_ray_tqdm=True)
        return None if bars.disable else bars.tqdm_mod
    except Exception as error:  # Such as without tqdm. No query needs a bar.
        logger.debug("Daft has no progress bar: %s", error)
        return None


def runner_type() -> str:
    """Return the type of the process's runner, chosen or inferred: `ray` or `native`."""
    # A function of daft.runners since 0.6.2, a method of the context before.
    infer = getattr(importlib.import_module("daft.runners"), "get_or_infer_runner_type", None)
    infer = infer or importlib.import_module("daft.context").get_context().get_or_infer_runner_type
    return str(infer())
