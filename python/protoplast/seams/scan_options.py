"""Sets Daft's own options for cutting scans into tasks, for one query."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from typing import Any

from protoplast import _core
from protoplast.seams import optional as optional_seams
from protoplast.seams.optional import (
    FLIGHT,
    MOST_FILES,
    MOST_SOURCES,
    PARALLEL,
    PARALLEL_VARIABLE,
    SHUFFLE,
    SPLIT,
    SPLIT_OPTIONS,
    SPLIT_SIZES,
)

# The most files on the driver's disk that are split, because Daft reads their footers one after the
# other. For other files Daft's own default of 10 stays.
_MOST_FILES_SPLIT = 64

# The most column chunks of a file whose sizes are read, which takes some microseconds for each.
_MOST_CHUNKS = 10_000


def split_blocked(config: Any, user_set: Collection[str]) -> _core.SplitBlocked | None:
    """Return why scans must not be split: this Daft cannot, or the user has set Daft's options for it.

    Args:
        config: The `PyDaftExecutionConfig` of the query.
        user_set: The options that the user is known to have set, to any value.

    Returns:
        The reason, or None if scans can be split for the query.
    """
    if not optional_seams.SPLITTING.is_available():
        return _core.SplitBlocked.OLDER_DAFT
    if any(_is_user_set(config, option, user_set) for option in SPLIT_OPTIONS):
        return _core.SplitBlocked.OWN_OPTIONS
    return None


def reads_footers(config: Any) -> bool:
    """Return whether Daft reads the footers of files when it prints a plan under a config.

    Args:
        config: A `PyDaftExecutionConfig`.
    """
    return bool(getattr(config, SPLIT, False))


def not_splitting(config: Any) -> Any:
    """Return an execution config under which Daft does not split scans, and so reads no footers.

    Args:
        config: The execution config to start from, which is not changed.
    """
    return config.with_config_values(**{SPLIT: False})


def splitting_scans(config: Any, size_bytes: int, reads_remote: bool) -> Any:
    """Return an execution config under which Daft splits scans into tasks of a given size.

    Args:
        config: The execution config to start from, which is not changed.
        size_bytes: The most bytes of a file in one task. A larger row group stays whole.
        reads_remote: Whether the query reads files that are not on the driver's disk.
    """
    # One source per task, so that Daft merges no files.
    options: dict[str, Any] = {SPLIT: True, MOST_SOURCES: 1}
    if not reads_remote:
        options[MOST_FILES] = _MOST_FILES_SPLIT
    return config.with_config_values(**options, **dict.fromkeys(SPLIT_SIZES, size_bytes))


def row_groups(files: list[str]) -> list[list[int]]:
    """Return the compressed bytes of each Parquet file's row groups, in order.

    Args:
        files: The paths of the files.

    Returns:
        A list for each file. Empty if a file cannot be read, is not Parquet, or has more than
        `_MOST_CHUNKS` column chunks.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    sizes = []
    for path in files:
        try:
            footer = pq.read_metadata(path)
        except (OSError, pa.ArrowException):
            return []  # Daft reports what is wrong, unless the file has another format.
        if footer.num_row_groups * footer.num_columns > _MOST_CHUNKS:
            return []
        groups = map(footer.row_group, range(footer.num_row_groups))
        sizes.append([_compressed_bytes(group) for group in groups])
    return sizes


def keys_of_batch(path: str, rows: int, keys: list[str]) -> tuple[int, int] | None:
    """Read the first rows of a Parquet file.

    Args:
        path: The path of the file.
        rows: How many rows to read, if the first row group has so many.
        keys: Columns of the file.

    Returns:
        The rows that were read, and how many different values the columns have in them; None if the file
        cannot be read, or has other columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            batch = next(file.iter_batches(rows, row_groups=[0], columns=keys))
        found = pa.Table.from_batches([batch]).group_by(keys).aggregate([])
    except (OSError, StopIteration, KeyError, pa.ArrowException):
        return None
    return batch.num_rows, found.num_rows


def _compressed_bytes(group: Any) -> int:
    columns = map(group.column, range(group.num_columns))
    return sum(column.total_compressed_size for column in columns)


def may_merge_scans(config: Any, user_set: Collection[str]) -> bool:
    """Return whether small files may be merged: this Daft can, and the user has not set the parallelism.

    Args:
        config: The `PyDaftExecutionConfig` of the query.
        user_set: The options that the user is known to have set, to any value.
    """
    return (
        optional_seams.MERGING.is_available()
        and PARALLEL_VARIABLE not in os.environ
        and not _is_user_set(config, PARALLEL, user_set)
    )


def merging_scans(config: Any, size_bytes: int, files: int) -> Any:
    """Return an execution config under which one task reads several small files.

    The task reads its files one after the other, in order. By default Daft reads several at once, and
    Flotilla does not keep their order (`maintain_order` is false in `RaySwordfishActor.run_plan`).

    Args:
        config: The execution config to start from, which is not changed.
        size_bytes: A task that has this many bytes takes no further file.
        files: The most files in one task.
    """
    least, most = SPLIT_SIZES
    options = {
        SPLIT: True,
        least: size_bytes,
        most: sys.maxsize,  # Nothing is split.
        MOST_SOURCES: files,
        MOST_FILES: 0,
        PARALLEL: 1,
    }
    return config.with_config_values(**options)


def can_gather(config: Any) -> bool:
    """Return whether Daft can gather partitions under an execution config.

    Args:
        config: The `PyDaftExecutionConfig` of the query.
    """
    return bool(getattr(config, SHUFFLE) != FLIGHT)


def _is_user_set(config: Any, option: str, user_set: Collection[str]) -> bool:
    # An option that was set before the patch was applied shows only in its value.
    return option in user_set or getattr(config, option) != getattr(type(config)(), option)
