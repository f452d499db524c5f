"""Whole queries are spread over workers that have room; no Ray runs."""

from __future__ import annotations

from types import SimpleNamespace

from protoplast import _core
from protoplast.runner.messages import StartedWorker
from protoplast.runner.whole_workers import Busy, WholeWorkers

GB = 1 << 30


def worker(node: str, memory_bytes: int = 8 * GB) -> StartedWorker:
    return StartedWorker(_core.Worker(node, node, 4, 0, memory_bytes), None)


A, B, C = worker("a"), worker("b"), worker("c", 32 * GB)


def test_queries_are_spread_over_the_workers_with_the_fewest() -> None:
    workers = WholeWorkers()
    first = [workers.hold([A, B], GB, {}) for _ in range(4)]
    assert first[:2] == first[2:]
    assert first[0] is not first[1]
    workers.release(B, GB)
    assert workers.hold([A, B], GB, {"a": 5}) is B, "it has fewer"


def test_the_first_queries_of_many_drivers_do_not_meet_on_one_worker() -> None:
    first = [WholeWorkers().hold([A, B], GB, {}) for _ in range(64)]
    assert A in first
    assert B in first


def test_a_query_runs_where_its_input_is() -> None:
    workers = WholeWorkers()
    for _ in range(3):
        assert workers.hold([A, B], GB, {"a": 1, "b": 2}) is B
        workers.release(B, GB)
    assert workers.hold([A, B], GB, {}) is A, "it was not chosen for longer"


def test_the_worker_of_a_node_that_was_chosen_before_is_chosen_again() -> None:
    workers = WholeWorkers()
    of_node = [StartedWorker(_core.Worker(f"a_cpu_{cpu}", "a", 1, 0, GB), None) for cpu in range(3)]
    first = workers.hold(of_node, 1, {})
    second = workers.hold(of_node, 1, {})
    assert first is not second, "it has fewer"
    for held in (second, first):
        assert isinstance(held, StartedWorker)
        workers.release(held, 1)
    assert workers.hold([*of_node, B], 1, {}) is B, "its node was not chosen for longer"
    assert workers.hold(of_node, 1, {}) is second


def test_a_worker_has_the_memory_of_all_its_queries() -> None:
    workers = WholeWorkers()
    assert workers.hold([A, C], 20 * GB, {}) is C
    assert workers.hold([A, B], 9 * GB, {}) is None
    assert workers.hold([A, C], 20 * GB, {}) is Busy.BUSY
    assert workers.hold([C], 12 * GB, {}) is C
    workers.release(C, 20 * GB)
    assert workers.hold([A, C], 20 * GB, {}) is C
    assert workers.hold([A], 8 * GB, {}) is A
    assert workers.hold([A], 1, {}) is Busy.BUSY


def test_a_worker_that_daft_shuts_down_ends_after_its_whole_queries() -> None:
    workers = WholeWorkers()
    ended: list[str] = []

    def handle(name: str) -> object:
        handle = SimpleNamespace(shutdown=lambda: ended.append(name), name=name)
        return workers.handle_of(name, handle)

    daft_a, daft_b = handle("a"), handle("b")
    assert daft_a.name == "a"  # type: ignore[attr-defined]
    for _ in range(2):
        assert workers.hold([A], GB, {}) is A
    daft_a.shutdown()  # type: ignore[attr-defined]
    daft_b.shutdown()  # type: ignore[attr-defined]
    assert ended == ["b"]
    assert workers.is_leaving("a")
    workers.release(A, GB)
    assert ended == ["b"]
    workers.release(A, GB)
    assert ended == ["b", "a"]
    handle("a")
    assert not workers.is_leaving("a"), "another worker has its id"
