"""The names of Daft that protoplast relies on, and the check that each is as expected.

`load` imports these names, checks them and changes nothing. If a name is missing it raises
`UnsupportedDaftError`. The names that are used in a runner's process are in `runner_actor`, those that
only improve a query in `optional`, and Ray's in `ray`. No other folder imports a module of Daft, which
`tests/seams/test_seams.py` checks. Other folders do use attributes of objects that Daft hands over: of
a `RayRunner` in `driver.route`, of a plan's builder in `driver.outputs`, and of the class of a
worker's actor in `runner.launch`.

What comments in this file say of Daft's Rust code holds for 0.5.22 to 0.7.26.
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
# (`get_runner_config_from_env` in Daft's Rust code).
RAY_RUNNER_TYPE = "ray"
RUNNER_VARIABLE = "DAFT_RUNNER"

# The functions that read results in the driver.
_READERS = (
    "daft.runners.ray_runner:RayPartitionSet._get_merged_micropartition",
    "daft.runners.ray_runner:RayPartitionSet._get_preview_micropartitions",
    "daft.runners.ray_runner:RayMaterializedResult.micropartition",
)

# Functions that the patch calls, replaces or rebinds: each with its first parameters, and with the names
# that its code must mention. Of names with a bar between them, one is enough.
_DRIVER_FUNCTIONS = (
    Function(
        "daft.runners.ray_runner:RayRunner.run_iter",
        ("self", "builder"),
        ("flotilla_plan_runner", "stream_plan"),
    ),
    *(Function(reader, ("self",), ("ray", "get")) for reader in _READERS),
)
_FUNCTIONS = (
    Function(
        "daft.runners.flotilla:FlotillaRunner.__init__",
        ("self",),
        # Each driver's runner has a name of its own since 0.7.2; before, all drivers shared one name.
        ("RemoteFlotillaRunner", "options", "get_flotilla_runner_actor_name|FLOTILLA_RUNNER_NAME"),
    ),
    Function(
        "daft.runners.flotilla:FlotillaRunner.stream_plan",
        ("self", "plan", "partition_sets"),
        ("runner", "run_plan"),
    ),
    # The running plans and the streams of their results, each by id, and the plan runner.
    Function(
        "daft.runners.flotilla:RemoteFlotillaRunner.__init__",
        ("self",),
        ("curr_plans", "curr_result_gens", "plan_runner"),
    ),
    Function("daft.runners.flotilla:get_head_node_id", (), ("nodes",)),
    Function("daft.runners.flotilla:try_autoscale", ("bundles",), ("request_resources",)),
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
)

# Names that only need to exist.
_ATTRIBUTES = (
    "daft.dataframe:DataFrame.collect",
    "daft.daft:DistributedPhysicalPlan.repr_ascii",
    # The method is called `id` before 0.7.0.
    "daft.daft:DistributedPhysicalPlan.idx|daft.daft:DistributedPhysicalPlan.id",
    "daft.runners.flotilla:RaySwordfishWorker",
    # A function of `daft.runners` since 0.6.2, and a method of the context before.
    "daft.runners:get_or_infer_runner_type|daft.context:DaftContext.get_or_infer_runner_type",
    "daft:set_runner_ray|daft.context:set_runner_ray",
    # Runs a function inside an actor.
    "daft.runners.flotilla:RemoteFlotillaRunner.__ray_call__",
)


@dataclass(frozen=True)
class Seams:
    """The checked modules and classes of Daft and Ray that the patch uses."""

    ray: types.ModuleType
    flotilla: Any
    ray_runner_class: type
    flotilla_runner_class: type
    # The class and name of each function that reads results.
    readers: tuple[tuple[type, str], ...]


def load() -> Seams:
    """Import Daft's Ray runner and check every seam.

    Raises:
        UnsupportedDaftError: Daft or Ray is not installed, is too old, or lacks a seam.
    """
    ray_runner = _imported("daft.runners.ray_runner")
    flotilla = load_flotilla()
    versions = _versions()
    for function in _DRIVER_FUNCTIONS:
        check.function(function, versions)
    return Seams(
        ray=_imported("ray"),
        flotilla=flotilla,
        ray_runner_class=ray_runner.RayRunner,
        flotilla_runner_class=flotilla.FlotillaRunner,
        readers=tuple(check.owner_and_name(seam) for seam in _READERS),
    )


def load_flotilla() -> Any:
    """Return the module `daft.runners.flotilla`, with every seam checked that a runner's process uses.

    The module of Daft's driver is not imported: that takes 0.3 s, and a runner has its workers to start.

    Raises:
        UnsupportedDaftError: Daft or Ray is not installed, is too old, or lacks a seam.
    """
    flotilla = _imported("daft.runners.flotilla")
    versions = _versions()
    versions.check()
    for attribute in (*_ATTRIBUTES, *ray_seams.REQUIRED):
        check.attribute(attribute, versions)
    for function in _FUNCTIONS:
        check.function(function, versions)
    return flotilla


def _imported(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UnsupportedDaftError(
            f"Daft with its Ray runner cannot be imported ({error}); "
            f'install it with: pip install "daft[ray]>={OLDEST_DAFT}"'
        ) from error


def _versions() -> Versions:
    daft, ray = (_imported(name).__version__ for name in ("daft", "ray"))
    return Versions(daft, ray, OLDEST_DAFT, NEWEST_DAFT)


def plan_text(plan: Any) -> str:
    """Return the text of a plan, which `QueryProfile::read` in Rust reads.

    Args:
        plan: A `DistributedPhysicalPlan`, or Daft's Rust builder of a logical plan.

    Returns:
        The text. If Daft cannot print the plan, it is Daft's error, which Rust takes for a plan that it
        cannot read. Such a plan does not run either, and the user then sees the error from Daft.
    """
    try:
        return str(plan.repr_ascii(False))
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # A panic in Daft's Rust code is not an Exception.
        return f"{type(error).__name__}: {error}"


def plan_views(plan: Any) -> dict[str, Any]:
    """Return the methods that show a `DistributedPhysicalPlan` to people, by name."""
    return {name: getattr(plan, name) for name in _VIEWS if hasattr(plan, name)}


_VIEWS = ("repr_ascii", "repr_json", "repr_mermaid", "num_partitions")


def plan_partitions(plan: Any) -> int | None:
    """Return how many partitions a `DistributedPhysicalPlan` leaves, or None if Daft does not say."""
    try:
        return int(plan.num_partitions())
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # A panic in Daft's Rust code is not an Exception.
        logger.debug("Daft does not count the partitions of a plan: %s", error)
        return None


# The global name by which `run_iter` makes the plans of a query.
PLANS = "DistributedPhysicalPlan"


def plans_by_name(run_iter: Any) -> bool:
    """Return whether a function makes its plans by the global name `PLANS`, which can be rebound.

    Args:
        run_iter: Daft's `RayRunner.run_iter`.
    """
    return isinstance(run_iter, types.FunctionType) and PLANS in run_iter.__code__.co_names


def execution_config() -> Any:
    """Return the execution config of this process, a `PyDaftExecutionConfig`."""
    return importlib.import_module("daft.context").get_context().daft_execution_config


def plan_of(df: Any) -> tuple[Any, Callable[[Any, Any], Any], Any]:
    """Plan a DataFrame as `RayRunner.run_iter` would, without running it.

    Args:
        df: The DataFrame.

    Returns:
        The optimized Rust builder; a function that plans such a builder under an execution config; and
        the execution config of this process.
    """
    config = execution_config()
    builder = df._builder
    # `optimize` takes a config since 0.6.6.
    takes_config = "execution_config" in inspect.signature(builder.optimize).parameters
    optimized = (builder.optimize(config) if takes_config else builder.optimize())._builder
    make = importlib.import_module("daft.daft").DistributedPhysicalPlan.from_logical_plan_builder
    # Plans have the id of their query since 0.6.2.
    takes_id = "query_id" in inspect.signature(make).parameters
    ids = ("explain",) if takes_id else ()
    return optimized, lambda builder, config: make(builder, *ids, config), config


def plan_id(plan: Any) -> str:
    """Return the id by which a runner knows a `DistributedPhysicalPlan`."""
    # The method is called `id` before 0.7.0.
    name = getattr(plan, "idx", None) or plan.id
    return str(name())


def startup_timeout(seams: Seams, ray_runner: Any) -> int | None:
    """Return how long Daft waits for workers to start, in seconds, or None before 0.7.15.

    Args:
        seams: The checked seams.
        ray_runner: The `RayRunner` of this process, to which the user may have given a timeout.
    """
    init: Any = seams.flotilla_runner_class.__init__  # type: ignore[misc]
    if "worker_startup_timeout" not in inspect.signature(init).parameters:
        return None
    return int(ray_runner.worker_startup_timeout)  # As RayRunner.run_iter passes it.


def new_flotilla_runner(seams: Seams, actor_name: str, ray_runner: Any) -> Any:
    """Make a `FlotillaRunner` whose runner actor has the given name.

    Ray must not restart the actor, because the new process would have neither the view nor the results.

    Args:
        seams: The checked seams.
        actor_name: The name of the actor in Daft's Ray namespace, unique in the cluster.
        ray_runner: The `RayRunner` of this process, whose `worker_startup_timeout` the runner gets.
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
    """Return the class of Daft's progress bars, or None if this driver does not show them.

    Daft makes its bars in the runner's process, so they reach the driver with the output of workers.
    """
    return tqdm_of_bars() if ray_seams.driver_shows_logs() else None


def tqdm_of_bars() -> Any:
    """Return the class of Daft's progress bars on Ray, or None if they are off.

    Flotilla makes its bars from the same class, in the runner (`progress_bar.rs`).
    """
    if not optional_seams.BARS.is_available():
        return None
    try:
        bars = importlib.import_module("daft.runners.progress_bar").ProgressBar(use_ray_tqdm=True)
        return None if bars.disable else bars.tqdm_mod
    except Exception as error:  # Such as a missing tqdm. No query needs a bar.
        logger.debug("Daft cannot show a progress bar: %s", error)
        return None


def runner_type() -> str:
    """Return the type of this process's runner, chosen or inferred: `ray` or `native`."""
    infer = getattr(importlib.import_module("daft.runners"), "get_or_infer_runner_type", None)
    infer = infer or importlib.import_module("daft.context").get_context().get_or_infer_runner_type
    return str(infer())
