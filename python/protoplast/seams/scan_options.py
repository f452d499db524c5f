"""How a scan is cut into tasks: Daft's own options for it, set for one query."""

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

# The most files of the driver's own disk that are split. The footer of each is read for it, one after
# the other; of those elsewhere Daft's own default counts, which is 10.
_MOST_FILES_SPLIT = 64

# The most columns of row groups of a file whose sizes are asked for, some microseconds each.
_MOST_CHUNKS = 10_000


def split_blocked(config: Any, user_set: Collection[str]) -> _core.SplitBlocked | None:
    """Return why scans stay as they are: Daft cannot split them, or the user has set how it does.

    Args:
        config: The `PyDaftExecutionConfig` of the query.
        user_set: The options that the user is known to have set, to whatever value.

    Returns:
        None if they can be split for one query.
    """
    if not optional_seams.SPLITTING.is_available():
        return _core.SplitBlocked.OLDER_DAFT
    if any(_is_user_set(config, option, user_set) for option in SPLIT_OPTIONS):
        return _core.SplitBlocked.OWN_OPTIONS
    return None


def reads_footers(config: Any) -> bool:
    """Return whether Daft reads footers of files to plan under this config.

    Args:
        config: A `PyDaftExecutionConfig`.
    """
    return bool(getattr(config, SPLIT, False))


def not_splitting(config: Any) -> Any:
    """Return an execution config under which no footer is read to plan.

    Args:
        config: Another one. It is not changed.
    """
    return config.with_config_values(**{SPLIT: False})


def splitting_scans(config: Any, size_bytes: int, reads_remote: bool) -> Any:
    """Return an execution config under which scans are split into tasks of about that size.

    Args:
        config: Another one. It is not changed.
        size_bytes: At most that much of one file a task, except that a row group is not split.
        reads_remote: Whether files are elsewhere than on the driver's disk.
    """
    # Nothing is merged, so that the files stay tasks of their own.
    options: dict[str, Any] = {SPLIT: True, MOST_SOURCES: 1}
    if not reads_remote:
        options[MOST_FILES] = _MOST_FILES_SPLIT
    return config.with_config_values(**options, **dict.fromkeys(SPLIT_SIZES, size_bytes))


def row_groups(files: list[str]) -> list[list[int]]:
    """Return of each Parquet file the compressed bytes of its row groups, in their order.

    Args:
        files: Their paths.

    Returns:
        Empty if one cannot be read, is no Parquet file, or is so large that it would take long.
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


def may_merge_scans(config: Any, user_set: Collection[str]) -> bool:
    """Return whether files can be read together: Daft can, and the user leaves it open how many at once.

    Args:
        config: The `PyDaftExecutionConfig` of the query.
        user_set: The options that the user is known to have set, to whatever value.
    """
    return (
        optional_seams.MERGING.is_available()
        and PARALLEL_VARIABLE not in os.environ
        and not _is_user_set(config, PARALLEL, user_set)
    )


def merging_scans(config: Any, size_bytes: int, files: int) -> Any:
    """Return an execution config under which small files are read together in a task.

    They are read one after the other, in their order: Daft reads several at once by default, and
    Flotilla takes rows as they come (`maintain_order` is false in `RaySwordfishActor.run_plan`).

    Args:
        config: Another one. It is not changed.
        size_bytes: A task that has so much takes no further file.
        files: The most files of a task.
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
    # What was set before the patch was applied shows only in its value.
    return option in user_set or getattr(config, option) != getattr(type(config)(), option)
