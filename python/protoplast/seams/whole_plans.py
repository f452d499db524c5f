"""The names of Daft by which one worker runs a whole query (0.7.10 to 0.7.26).

Daft's native runner makes a local plan of a whole query, and `RaySwordfishActor.run_plan` runs any local
plan. Until 0.7.9 a worker gives its results in another form.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import pickle
import struct
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from protoplast.seams.check import OptionalFeature
from protoplast.seams.rebind import Overlay

_DAFT = "daft.daft"
_FLOTILLA = "daft.runners.flotilla"
_LOOP = "daft.event_loop"
_PARTITION = "daft.recordbatch.micropartition"

WHOLE_PLANS = OptionalFeature(
    "queries that fit one worker run in as many tasks as on Daft's own workers",
    since="0.7.10",
    seams=(
        f"{_LOOP}:get_or_init_event_loop",
        f"{_DAFT}:LocalPhysicalPlan.from_logical_plan_builder",
        f"{_DAFT}:NativeExecutor.cancel_plan",
        f"{_DAFT}:PyDaftExecutionConfig.maintain_order",
        f"{_DAFT}:PyExecutionStats._from_serialized",
        f"{_DAFT}:PyExecutionStats.query_id",
        f"{_DAFT}:PyExecutionStats.query_plan",
        f"{_FLOTILLA}:RayPartitionRef",
        f"{_FLOTILLA}:RaySwordfishActorHandle.shutdown",
        f"{_FLOTILLA}:RaySwordfishActorHandle.submit_task",
        f"{_FLOTILLA}:RaySwordfishTaskHandle._get_result",
        f"{_FLOTILLA}:RaySwordfishTaskHandle.get_result",
        f"{_FLOTILLA}:RaySwordfishTaskHandle.cancel",
        f"{_FLOTILLA}:RayTaskResult.success_ray",
        f"{_FLOTILLA}:RayTaskResult.worker_died",
        f"{_FLOTILLA}:RayTaskResult.worker_unavailable",
        f"{_FLOTILLA}:RemoteFlotillaRunner.get_next_partition",
        f"{_PARTITION}:MicroPartition.concat",
        f"{_PARTITION}:MicroPartition.from_pydict",
        f"{_PARTITION}:MicroPartition.slice",
        f"{_PARTITION}:MicroPartition.size_bytes",
        f"{_PARTITION}:MicroPartition._from_pymicropartition",
    ),
    takes=(
        (
            f"{_DAFT}:NativeExecutor.run",
            ("local_physical_plan", "daft_ctx", "input_id", "inputs", "context", "maintain_order"),
        ),
        (f"{_FLOTILLA}:RaySwordfishActor.run_plan", ("self", "plan", "exec_cfg", "context")),
        (f"{_FLOTILLA}:RemoteFlotillaRunner.run_plan", ("self", "plan", "partition_sets")),
    ),
)


def local_plan(builder: Any, tables: Sequence[str]) -> tuple[Any, dict[int, Any], dict[int, str]]:
    """Make the local plan of a whole query.

    Args:
        builder: Daft's Rust builder of the query's optimized logical plan.
        tables: The keys of the in-memory tables that the query may read.

    Returns:
        The `LocalPhysicalPlan`; what each of its sources scans, by the id of the source; and the key of
        the table that each other source reads, by the same id.
    """
    make = importlib.import_module(_DAFT).LocalPhysicalPlan.from_logical_plan_builder
    # Daft numbers the sources itself. A table of one row stands for each in-memory table, and so shows
    # which source reads it.
    signs = {key: [_sign(number)] for number, key in enumerate(tables)}
    plan, inputs = make(builder, signs)
    scans = {source: given for source, given in inputs.items() if not isinstance(given, list)}
    read = {
        source: tables[_number(*given)] for source, given in inputs.items() if source not in scans
    }
    return plan, scans, read


def _partition_class() -> Any:
    return importlib.import_module(_PARTITION).MicroPartition


@functools.cache
def _sign(number: int) -> Any:
    return _partition_class().from_pydict({"number": [number]})._micropartition


def _number(sign: Any) -> int:
    return int(_partition_class()._from_pymicropartition(sign).to_pydict()["number"][0])


def maintains_order(config: Any) -> bool:
    """Return whether rows keep their order, as the native runner takes it from an execution config."""
    return bool(config.maintain_order)


def started_by(flotilla_runner: Any, begin: Callable[[Any, Any], Any]) -> Any:
    """Return a `FlotillaRunner` that begins plans in another way, and reads their results as before.

    Args:
        flotilla_runner: Daft's `FlotillaRunner`.
        begin: Is called with a plan and the partition sets, and returns a Ray reference.
    """
    runner = Overlay(flotilla_runner.runner, run_plan=Overlay(None, remote=begin))
    stand_in = Overlay(flotilla_runner, runner=runner)
    stream_plan = vars(type(flotilla_runner))["stream_plan"]
    return Overlay(flotilla_runner, stream_plan=types.MethodType(stream_plan, stand_in))


def event_loop() -> Any:
    """Return the event loop of a runner, which Daft keeps in its process."""
    return importlib.import_module(_LOOP).get_or_init_event_loop().loop


def run_in_tasks(runner: Any, plan: Any, partition_sets: Mapping[str, Any]) -> None:
    """Run a distributed plan as Daft does.

    Args:
        runner: The instance of `RemoteFlotillaRunner`.
        plan: The `DistributedPhysicalPlan`.
        partition_sets: The in-memory tables.
    """
    runner.run_plan(plan, partition_sets)


def put_plan(runner: Any, plan_id: str, plan: Any, results: Any) -> None:
    """Put a plan and its results in where Daft's `get_next_partition` finds them.

    Args:
        runner: The instance of `RemoteFlotillaRunner`.
        plan_id: The id of the plan.
        plan: The `DistributedPhysicalPlan`.
        results: Gives the results by `__anext__`, and then the statistics by `finish`.
    """
    runner.curr_plans[plan_id] = plan
    runner.curr_result_gens[plan_id] = results


def worker_handle(flotilla: Any, actor: Any) -> Any:
    """Return Daft's handle by which tasks are sent to a worker.

    Args:
        flotilla: The module `daft.runners.flotilla`.
        actor: The handle of the worker's actor.
    """
    return flotilla.RaySwordfishActorHandle(actor)


def concat(partitions: Sequence[Any]) -> Any:
    """Return one `MicroPartition` with the rows of several `PyMicroPartition`s, in order."""
    of = _partition_class()
    whole = [of._from_pymicropartition(partition) for partition in partitions]
    return whole[0] if len(whole) == 1 else of.concat(whole)


def size_bytes(partition: Any) -> int | None:
    """Return the bytes of a `PyMicroPartition`'s rows, or None if they are not known."""
    size = _partition_class()._from_pymicropartition(partition).size_bytes()
    return None if size is None else int(size)


def cut(partition: Any, pieces: int) -> list[Any]:
    """Cut a `MicroPartition` into pieces of about as many rows each.

    Args:
        partition: The `MicroPartition`.
        pieces: How many pieces, if there are as many rows.

    Returns:
        The pieces, as Daft's executor gives them: each a `PyMicroPartition`.
    """
    rows = len(partition)
    pieces = max(1, min(pieces, rows))
    if pieces == 1:
        return [partition._micropartition]
    bounds = [rows * index // pieces for index in range(pieces + 1)]
    return [
        partition.slice(start, end)._micropartition for start, end in itertools.pairwise(bounds)
    ]


class WholeStats:
    """The statistics of a whole query, which Daft's worker sends as bytes.

    Args:
        stats: A `PyExecutionStats`.
    """

    def __init__(self, stats: Any) -> None:
        self._stats = stats

    def encode(self) -> bytes:
        """Return the statistics as bytes that `decode_stats` reads."""
        return pickle.dumps((_without_plan(self._stats), self._stats.query_plan))


def decode_stats(encoded: bytes) -> tuple[Any, str | None]:
    """Read what `WholeStats.encode` has written.

    Args:
        encoded: The bytes.

    Returns:
        The `PyExecutionStats`, and the local plan in JSON, whose operators they count, or None.
    """
    state, query_plan = pickle.loads(encoded)
    return importlib.import_module(_DAFT).PyExecutionStats._from_serialized(state), query_plan


def _without_plan(stats: Any) -> bytes:
    """Return what `PyExecutionStats` pickles as, without the plan, which Daft cannot read again.

    Daft writes the id of the query, the plan or a 0, and then what `encode` gives: the operators and the
    files that were skipped. Lengths are numbers of eight bytes (bincode's legacy form).
    """
    _, (state,) = stats.__reduce__()[:2]
    state_bytes = bytes(state)
    if stats.query_plan is None:
        return state_bytes
    query_id = stats.query_id.encode()
    head = struct.pack("<Q", len(query_id)) + query_id
    rest: bytes = bytes(stats.encode())
    if not (state_bytes.startswith(head) and state_bytes.endswith(rest)):
        rest = struct.pack("<QQ", 0, 0)  # No operators, and no files.
    return b"\0".join([head, rest])


def show_local_plan(metadata: Any, query_plan: str) -> None:
    """Have the metadata of a query show the local plan, whose operators its statistics count.

    Args:
        metadata: Daft's `ExecutionMetadata`, or None.
        query_plan: The local plan, in JSON.
    """
    if hasattr(metadata, "_query_plan"):
        metadata._query_plan = query_plan
