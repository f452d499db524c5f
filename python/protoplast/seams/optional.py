"""The names of Daft that only improve a query.

If a name is missing, protoplast warns once and leaves out the feature that needs it. Queries still run.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import types
from collections.abc import Callable
from typing import Any

from protoplast.seams import check
from protoplast.seams import ray as ray_seams
from protoplast.seams.check import OptionalFeature

logger = logging.getLogger(__name__)

_CONFIG = "daft.daft:PyDaftExecutionConfig"

# Daft's options for scans, each a field of the execution config. Flotilla applies them since 0.7.1
# (`split_and_merge_pass` in `pipeline_node/translate.rs`).
SPLIT = "enable_scan_task_split_and_merge"
SPLIT_SIZES = ("scan_tasks_min_size_bytes", "scan_tasks_max_size_bytes")
MOST_SOURCES = "max_sources_per_scan_task"
MOST_FILES = "parquet_split_row_groups_max_files"
SPLIT_OPTIONS = (SPLIT, *SPLIT_SIZES, MOST_SOURCES, MOST_FILES)

# How many files a task reads at once, and the environment variable of the driver that sets it.
PARALLEL = "scantask_max_parallel"
PARALLEL_VARIABLE = "DAFT_SCANTASK_MAX_PARALLEL"

# Daft's target size of a file that it writes, in bytes.
FILE_SIZE = "parquet_target_filesize"
# How a shuffle moves rows. With `FLIGHT`, Daft panics when it gathers partitions (0.7.26).
SHUFFLE = "shuffle_algorithm"
FLIGHT = "flight_shuffle"

# The methods of a logical plan's builder that add a sink, and whether Daft's own code writes the
# files. A sink written in Python is work for every core, so its rows are not gathered.
_BUILDER = "daft.logical.builder:LogicalPlanBuilder"
_WRITERS = {
    "write_tabular": True,
    "write_iceberg": True,
    "write_deltalake": True,
    "write_lance": True,
    "write_datasink": False,
}

# Until 0.7.5 each task of a split JSON file reads the whole file.
SPLITTING = OptionalFeature(
    "scans are not split",
    since="0.7.6",
    seams=(f"{_CONFIG}.with_config_values", *(f"{_CONFIG}.{name}" for name in SPLIT_OPTIONS)),
    takes=((f"{_CONFIG}.with_config_values", SPLIT_OPTIONS),),
)

# Since 0.7.14 one thread reads the rows of a Parquet file in order (`build_rg_stream` in
# `daft-parquet`).
MERGING = OptionalFeature(
    "small files are not read together",
    since="0.7.14",
    seams=(*SPLITTING.seams, f"{_CONFIG}.{PARALLEL}"),
    takes=((f"{_CONFIG}.with_config_values", (*SPLIT_OPTIONS, PARALLEL)),),
)

GATHERING = OptionalFeature(
    "the rows of split scans are not gathered, and more files and partitions are left",
    since=SPLITTING.since,
    seams=(
        f"{_CONFIG}.{FILE_SIZE}",
        f"{_CONFIG}.{SHUFFLE}",
        f"{_BUILDER}.schema",
        f"{_BUILDER}.into_partitions",
        f"{_BUILDER}.optimize",
        f"{_BUILDER}.write_tabular",
        "daft.daft:DistributedPhysicalPlan.num_partitions",
        "daft.runners.ray_runner:RayRunner.run",
    ),
    takes=((f"{_BUILDER}.into_partitions", ("num_partitions",)),),
)

SETTING = OptionalFeature(
    "a Daft option that is set to its default value counts as not set",
    since=SPLITTING.since,
    seams=("daft.context:set_execution_config", "daft.context:get_context"),
    takes=(("daft.context:set_execution_config", ("config", *SPLIT_OPTIONS, PARALLEL)),),
)


BARS = OptionalFeature(
    ray_seams.DRIVER_LOGS.without, seams=("daft.runners.progress_bar:ProgressBar",)
)

# Daft's functions that call async UDFs in a worker, and how many calls each makes. Daft's Rust code
# looks them up by name for each batch (`daft-dsl/src/python_udf`, to 0.7.26). Older releases limit
# such calls by the threads of the process, and a worker has its share of threads.
ASYNC_CALLS_SINCE = "0.6.9"
_ASYNC_CALLS = "daft.udf.execution"
_ASYNC_PARAMETERS = ("cls", "method")
_ASYNC_FUNCTIONS: dict[str, Callable[[Any], int]] = {
    "call_async_func_batched": lambda args: len(args[-1]),  # One call for each row.
    "call_batch_async": lambda _args: 1,
}


def async_calls() -> tuple[types.ModuleType, dict[str, Callable[[Any], int]]] | None:
    """Return the functions by which Daft calls async UDFs in this process.

    Returns:
        The module, and for each function its name and a counter of the calls that its arguments lead to.
        None if this Daft has no such functions or has others, about which a warning is logged.
    """
    daft = importlib.import_module("daft")
    if check.release(daft.__version__) < check.release(ASYNC_CALLS_SINCE):
        return None
    module = importlib.import_module(_ASYNC_CALLS)
    for name in _ASYNC_FUNCTIONS:
        function = getattr(module, name, None)
        taken: tuple[str, ...] = ()
        if inspect.iscoroutinefunction(function):
            taken = tuple(inspect.signature(function).parameters)
        if taken[: len(_ASYNC_PARAMETERS)] != _ASYNC_PARAMETERS:
            logger.warning(
                "Daft %s does not call async UDFs by %s.%s, so the calls of a node are not divided "
                "among its workers",
                daft.__version__,
                _ASYNC_CALLS,
                name,
            )
            return None
    return module, _ASYNC_FUNCTIONS


def config_setters() -> list[tuple[Any, str]]:
    """Return the modules that have Daft's function for setting execution options, and its name there."""
    name = "set_execution_config"
    return [(importlib.import_module(module), name) for module in ("daft.context", "daft")]


def writers() -> list[tuple[type, str, bool]]:
    """Return each method that adds a sink: its class, its name, and whether Daft writes the files."""
    builder = importlib.import_module("daft.logical.builder").LogicalPlanBuilder
    return [(builder, name, files) for name, files in _WRITERS.items() if name in vars(builder)]


_RECORD_BATCH = "daft.recordbatch:RecordBatch"

# The columns of the statistics: the name of an operator, and its time in all tasks together.
_NAME = "name"
_DURATION = "duration"

STATISTICS = OptionalFeature(
    "how long Python code takes is not learnt",
    since="0.7.10",
    seams=(
        "daft.daft:PyExecutionStats.to_recordbatch",
        f"{_RECORD_BATCH}._from_pyrecordbatch",
        f"{_RECORD_BATCH}.to_pydict",
    ),
)


def durations(stats: Any) -> list[tuple[str, int]]:
    """Return how long each operator of a query took in all tasks together.

    Args:
        stats: Daft's `PyExecutionStats`.

    Returns:
        For each operator its name and its time in microseconds.
    """
    batch = importlib.import_module("daft.recordbatch").RecordBatch
    columns = batch._from_pyrecordbatch(stats.to_recordbatch()).to_pydict()
    return [
        (name, round(duration.total_seconds() * 1e6))
        for name, duration in zip(columns[_NAME], columns[_DURATION], strict=True)
        if duration is not None
    ]
