"""How a scan is cut into tasks: Daft's own options for it, set for one query."""

from __future__ import annotations

import pickle
import sys
from typing import Any

from protoplast import _core
from protoplast.seam_check import release

# Flotilla follows Daft's options for scans since 0.7.1 (`split_and_merge_pass` in
# `pipeline_node/translate.rs`), but until 0.7.5 each task of a split JSON file read all of it.
SPLITS_SINCE = "0.7.6"
# Since then one thread reads a Parquet file in its order (`build_rg_stream` in `daft-parquet`).
MERGES_SINCE = "0.7.14"

# Those options, each a field of its execution config.
_SPLIT = "enable_scan_task_split_and_merge"
_SPLIT_SIZES = ("scan_tasks_min_size_bytes", "scan_tasks_max_size_bytes")
_MOST_FILES = "parquet_split_row_groups_max_files"
_SPLIT_OPTIONS = (_SPLIT, *_SPLIT_SIZES, "max_sources_per_scan_task", _MOST_FILES)

# How many files a task reads at once.
_PARALLEL = "scantask_max_parallel"

# The most files of the driver's own disk that are split. The footer of each is read for it, one after
# the other; of those elsewhere Daft's own default counts, which is 10.
_MOST_FILES_SPLIT = 64

# How a query writes that it asks a server on the driver's own machine. That may be a thread of the
# driver, whose GIL Daft holds while it waits for a footer (`repr_ascii` in `daft-distributed`, 0.7.26).
_LOOPBACK = (b"://localhost", b"://127.", b"://[::1]")

# The most columns of row groups of a file whose sizes are asked for, some microseconds each.
_MOST_CHUNKS = 10_000


def why_unsplit(config: Any) -> _core.Unsplit | None:
    """Return why scans stay as they are: Daft cannot split them, or the user has set how it does.

    Args:
        config: The `PyDaftExecutionConfig` of the query.

    Returns:
        None where they can be split for one query.
    """
    if not _has(SPLITS_SINCE):
        return _core.Unsplit.OLDER_DAFT
    own = type(config)()
    if any(getattr(config, option) != getattr(own, option) for option in _SPLIT_OPTIONS):
        return _core.Unsplit.OWN_OPTIONS
    return None


def splitting_scans(config: Any, size_bytes: int, reads_remote: bool) -> Any:
    """Return an execution config under which scans are split into tasks of about that size.

    Args:
        config: Another one. It is not changed.
        size_bytes: At most that much of one file a task, except that a row group is not split.
        reads_remote: Whether files are elsewhere than on the driver's disk.
    """
    # Nothing is merged, so that the files stay tasks of their own.
    options: dict[str, Any] = {_SPLIT: True, "max_sources_per_scan_task": 1}
    if not reads_remote:
        options[_MOST_FILES] = _MOST_FILES_SPLIT
    return config.with_config_values(**options, **dict.fromkeys(_SPLIT_SIZES, size_bytes))


def asks_own_machine(plan: Any) -> bool:
    """Return whether a query's files come from a server on the driver's own machine.

    Args:
        plan: Its `DistributedPhysicalPlan`. Pickled, it has paths and endpoints as they are.
    """
    written = pickle.dumps(plan)
    return any(address in written for address in _LOOPBACK)


def row_groups(files: list[str]) -> list[list[int]]:
    """Return of each Parquet file the compressed bytes of its row groups, in their order.

    Args:
        files: Their paths.

    Returns:
        Empty where one cannot be read, is no Parquet file, or is so large that it would take long.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    sizes = []
    for path in files:
        try:
            footer = pq.read_metadata(path)
        except (OSError, pa.ArrowException):
            return []  # Daft says what is wrong with it, if it is not another format.
        if footer.num_row_groups * footer.num_columns > _MOST_CHUNKS:
            return []
        groups = map(footer.row_group, range(footer.num_row_groups))
        sizes.append([_compressed_bytes(group) for group in groups])
    return sizes


def _compressed_bytes(group: Any) -> int:
    columns = map(group.column, range(group.num_columns))
    return sum(column.total_compressed_size for column in columns)


def may_merge_scans(config: Any) -> bool:
    """Return whether files can be read together: Daft can, and the user leaves it open how many at once.

    Args:
        config: The `PyDaftExecutionConfig` of the query.
    """
    return _has(MERGES_SINCE) and getattr(config, _PARALLEL) == getattr(type(config)(), _PARALLEL)


def merging_scans(config: Any, size_bytes: int, files: int) -> Any:
    """Return an execution config under which small files are read together in a task.

    They are read one after the other, in their order: Daft reads several at once by default, and
    Flotilla takes rows as they come (`maintain_order` is false in `RaySwordfishActor.run_plan`).

    Args:
        config: Another one. It is not changed.
        size_bytes: A task that has so much takes no further file.
        files: The most files of a task.
    """
    least, most = _SPLIT_SIZES
    options = {
        _SPLIT: True,
        least: size_bytes,
        most: sys.maxsize,  # Nothing is split.
        "max_sources_per_scan_task": files,
        _MOST_FILES: 0,
        _PARALLEL: 1,
    }
    return config.with_config_values(**options)


def _has(version: str) -> bool:
    import daft

    return release(daft.__version__) >= release(version)
