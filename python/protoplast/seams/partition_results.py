"""The partitions that a runner hands to its driver, one a call as Daft does it, or several.

`RemoteFlotillaRunner.get_next_partition` makes a `RayMaterializedResult` of what the stream of a query
gives it, and `FlotillaRunner.stream_plan` yields that in the driver (0.5.22 to 0.7.26). A partition may
have a list in the place of its reference. The list then holds several partitions.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from protoplast.seams.check import OptionalFeature
from protoplast.seams.rebind import Overlay, rebound

_GET_NEXT = "daft.runners.flotilla:RemoteFlotillaRunner.get_next_partition"
_RESULTS = "daft.runners.ray_runner"
_ACCESSOR = "PartitionMetadataAccessor"
_METADATA = "daft.runners.partitioning"

# How many partitions are worth a call that says how they are read.
_MANY = 8

BATCHES = OptionalFeature(
    "the driver fetches each partition by a call of its own",
    seams=(
        f"{_RESULTS}:RayMaterializedResult.partition",
        f"{_RESULTS}:{_ACCESSOR}.from_metadata_list",
        f"{_RESULTS}:{_ACCESSOR}.get_index",
    ),
    takes=(
        (_GET_NEXT, ("plan_id",)),
        (f"{_RESULTS}:RayMaterializedResult.__init__", ("partition", "metadatas", "metadata_idx")),
        (f"{_METADATA}:PartitionMetadata", ("num_rows", "size_bytes")),
    ),
    mentions=(
        (_GET_NEXT, ("curr_result_gens", "__anext__", "object_ref", "num_rows", "size_bytes")),
        (_GET_NEXT, (_ACCESSOR, "RayMaterializedResult")),
        (f"{_RESULTS}:{_ACCESSOR}.from_metadata_list", ("ray", "put", "_metadatas")),
        (f"{_RESULTS}:{_ACCESSOR}._get_metadatas", ("_metadatas",)),
    ),
)


@dataclass(frozen=True)
class _Packed:
    """Several partitions, in the form of Daft's `RayPartitionRef`."""

    object_ref: list[tuple[Any, int, int | None]]
    num_rows: int
    size_bytes: int


def can_be_made() -> bool:
    """Return whether this process has imported what Daft makes results of, which takes 0.3 s."""
    return hasattr(sys.modules.get(_RESULTS), "RayMaterializedResult")


def have_made() -> None:
    """Import what Daft makes results of."""
    importlib.import_module(_RESULTS)


def parts_of(partitions: Sequence[Any]) -> list[tuple[Any, int, int | None]]:
    """Return the reference, the rows and the bytes of each partition.

    Args:
        partitions: Daft's `RayPartitionRef`s, or what has the same attributes.
    """
    return [(part.object_ref, part.num_rows, part.size_bytes) for part in partitions]


def packed(partitions: Sequence[Any]) -> Any:
    """Return several partitions as one, from which `get_next_partition` makes a result.

    Args:
        partitions: Daft's `RayPartitionRef`s, or what has the same attributes.
    """
    parts = parts_of(partitions)
    return _Packed(parts, sum(rows for _, rows, _ in parts), sum(size or 0 for *_, size in parts))


def unpacked(
    stream: Generator[Any, None, Any], at_many: Callable[[], object] | None = None
) -> Generator[Any, None, Any]:
    """Yield each partition of a query as a result of its own, and return what the stream returns.

    Args:
        stream: What Daft's `stream_plan` returns.
        at_many: Called once, if the query turns out to have many partitions.
    """
    seen = 0
    with contextlib.closing(stream):
        while True:
            try:
                result = next(stream)
            except StopIteration as end:
                return end.value
            parts = result.partition()
            before, seen = seen, seen + (len(parts) if isinstance(parts, list) else 1)
            if at_many is not None and before < _MANY <= seen:
                at_many()
            if isinstance(parts, list):
                yield from each(parts)
            else:
                yield result


def each(parts: list[tuple[Any, int, int | None]]) -> Iterator[Any]:
    """Yield a `RayMaterializedResult` of each partition, and empty the list meanwhile.

    Args:
        parts: The reference, the rows and the bytes of each partition.
    """
    make_result = importlib.import_module(_RESULTS).RayMaterializedResult
    metadata = importlib.import_module(_METADATA).PartitionMetadata
    accessor = _accessor([metadata(rows, size) for _, rows, size in parts])
    # The list must not keep what its reader has dropped.
    parts.reverse()
    for index in range(len(parts)):
        yield make_result(parts.pop()[0], accessor, index)


def _accessor(metadatas: list[Any]) -> Any:
    """Return what Daft reads the metadata of partitions from, without an object in Ray.

    Daft puts the list into Ray and keeps it at hand as well, also in pickled accessors, so that it never
    reads the object.
    """
    module = importlib.import_module(_RESULTS)
    accessor = getattr(module, _ACCESSOR)
    without_object = {"ray": Overlay(module.ray, put=lambda _value: None)}
    return rebound(accessor.from_metadata_list.__func__, without_object)(accessor, metadatas)
