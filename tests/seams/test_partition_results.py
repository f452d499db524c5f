"""What the driver makes of a batch is what Daft makes of single partitions."""

from __future__ import annotations

import pickle
import weakref
from collections.abc import Generator
from types import SimpleNamespace
from typing import Any

import pytest

from protoplast.seams import partition_results
from protoplast.seams.check import OptionalFeature


def result(partition: Any) -> Any:
    from daft.runners.ray_runner import RayMaterializedResult

    return RayMaterializedResult(partition, SimpleNamespace(), 0)


def batch(*parts: tuple[Any, int, int | None]) -> Any:
    refs = [SimpleNamespace(object_ref=ref, num_rows=n, size_bytes=size) for ref, n, size in parts]
    return result(partition_results.packed(refs).object_ref)


def stream(*results: Any, closed: list[str] | None = None) -> Generator[Any, None, Any]:
    try:
        yield from results
    finally:
        if closed is not None:
            closed.append("closed")
    return "statistics"


def read(generator: Generator[Any, None, Any]) -> tuple[list[Any], Any]:
    found = []
    while True:
        try:
            found.append(next(generator))
        except StopIteration as end:
            return found, end.value


def test_each_partition_is_a_result_with_its_own_metadata() -> None:
    single = result("a")
    found, end = read(
        partition_results.unpacked(stream(single, batch(("b", 1, 10), ("c", 2, None))))
    )
    assert end == "statistics"
    assert found[0] is single
    assert [each.partition() for each in found] == ["a", "b", "c"]
    assert {type(each) for each in found} == {type(single)}
    # No Ray runs here: the metadata is at hand, as it is in a pickled result.
    for each in (pickle.loads(pickle.dumps(found[1:])), found[1:]):
        sizes = [(one.metadata().num_rows, one.metadata().size_bytes) for one in each]
        assert sizes == [(1, 10), (2, None)]


def test_a_batch_says_what_it_holds() -> None:
    parts = [SimpleNamespace(object_ref=None, num_rows=n, size_bytes=n or None) for n in (1, 0, 4)]
    packed = partition_results.packed(parts)
    assert (packed.num_rows, packed.size_bytes) == (5, 5)


def test_a_partition_that_its_reader_drops_is_released() -> None:
    class Reference:
        pass

    references = [Reference() for _ in range(3)]
    alive = [weakref.ref(reference) for reference in references]
    unpacked = partition_results.unpacked(stream(batch(*((each, 1, 1) for each in references))))
    references.clear()
    counts = []
    for each in unpacked:
        del each
        counts.append(sum(reference() is not None for reference in alive))
    assert counts == [2, 1, 0]


@pytest.mark.parametrize("position", [1, 2], ids=["a single one", "within a batch"])
def test_closing_and_throwing_reach_daft_s_stream(position: int) -> None:
    for leave in ("close", "throw"):
        closed: list[str] = []
        results = (result("a"), batch(("b", 1, 1), ("c", 1, 1)))
        unpacked = partition_results.unpacked(stream(*results, closed=closed))
        for _ in range(position):
            next(unpacked)
        if leave == "close":
            unpacked.close()
        else:
            with pytest.raises(KeyboardInterrupt):
                unpacked.throw(KeyboardInterrupt())
        assert closed == ["closed"]


@pytest.mark.parametrize(("partitions", "told"), [(7, 0), (8, 1), (40, 1)])
def test_many_partitions_are_told_of_once(partitions: int, told: int) -> None:
    calls: list[None] = []
    results = [
        result("a"),
        *(batch(("b", 1, 1), ("c", 1, 1)) for _ in range((partitions - 1) // 2)),
    ]
    results += [result("d")] * ((partitions - 1) % 2)
    found, _ = read(partition_results.unpacked(stream(*results), lambda: calls.append(None)))
    assert len(found) == partitions
    assert len(calls) == told


def test_a_function_that_works_otherwise_is_missed() -> None:
    seam = "protoplast.seams.partition_results:packed"
    feature = OptionalFeature("it stays", seams=(), mentions=((seam, ("parts_of", "patience")),))
    assert list(feature.missing()) == [f"patience in {seam}"]
    assert list(partition_results.BATCHES.missing()) == []
