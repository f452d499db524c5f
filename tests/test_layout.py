"""The planner as Python sees it."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from protoplast import Layout, LayoutError, NotInEffectError, ProtoplastError, Worker, plan
from protoplast._core import render_workers, verify

NODE = {
    "NodeID": "n",
    "Alive": True,
    "Resources": {"CPU": 8.0, "GPU": 2.0, "memory": 32e9, "node:__internal_head__": 1.0},
}


def test_the_contracts_table() -> None:
    workers = plan("per-core", [NODE]).workers
    assert [worker.worker_id for worker in workers] == [f"n_cpu_{i}" for i in range(8)]
    assert [worker.gpus for worker in workers] == [2, 0, 0, 0, 0, 0, 0, 0]
    assert {worker.cpus for worker in workers} == {1}
    assert {worker.memory_bytes for worker in workers} == {4_000_000_000}
    stock = plan("per-node", [NODE]).workers
    assert [(w.worker_id, w.cpus, w.gpus, w.memory_bytes) for w in stock] == [
        ("n", 8, 2, 32_000_000_000)
    ]


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        (Layout.per_core(), "per-core"),
        (Layout.per_core(max_workers=3), "per-core,max-workers=3"),
        (Layout.per_node(), "per-node"),
        (Layout.cpus_per_worker(4), "cpus-per-worker=4"),
        (Layout.workers_per_node(8, max_workers=2), "workers-per-node=8,max-workers=2"),
        (Layout.per_core(gpus="spread"), "per-core,gpus=spread"),
        (Layout.per_core(gpus="first"), "per-core"),
        (Layout.cpus_per_worker(2, gpus="spread"), "cpus-per-worker=2,gpus=spread"),
        (Layout.default(), "per-core"),
    ],
)
def test_layouts_are_values(layout: Layout, text: str) -> None:
    assert str(layout) == text
    assert Layout.parse(text) == layout
    assert hash(Layout.parse(text)) == hash(layout)
    assert pickle.loads(pickle.dumps(layout)) == layout
    assert eval(repr(layout)) == layout
    with pytest.raises(AttributeError):
        layout.text = "per-node"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "bad",
    [0, -1, 65_537, pytest.param(10**5000, id="huge"), 1.5, True, None, "4", [], float("nan")],
)
def test_counts_are_checked(bad: Any) -> None:
    for make in (Layout.cpus_per_worker, Layout.workers_per_node):
        with pytest.raises(LayoutError, match="must be a whole number from 1 to 65536"):
            make(bad)
    if bad is not None:
        with pytest.raises(LayoutError, match="'max-workers' must be a whole number"):
            Layout.per_core(max_workers=bad)


@pytest.mark.parametrize("bad", ["all", "", 2, True])
def test_gpus_are_checked(bad: Any) -> None:
    with pytest.raises(LayoutError, match="'gpus' must be 'first' or 'spread', not"):
        Layout.per_core(gpus=bad)


def test_gpus_are_spread() -> None:
    workers = plan("per-core,gpus=spread", [NODE]).workers
    assert [worker.gpus for worker in workers] == [1, 1, 0, 0, 0, 0, 0, 0]
    assert [worker.first_gpu for worker in workers] == [0, 1, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("layout", "nodes", "message"),
    [
        (3, [], "a layout must be a Layout or its text, not 3"),
        ("per-cpu", [], "unknown layout 'per-cpu'"),
        ("per-core", 3, "nodes must be a list as ray.nodes"),
        ("per-core", ["n"], "a node must be a dict as ray.nodes"),
        ("per-core", [{}], "a str under 'NodeID'"),
        ("per-core", [{"NodeID": "n", "Alive": "yes"}], "a bool under 'Alive'"),
        ("per-core", [{"NodeID": "n", "Resources": 3}], "a dict under 'Resources'"),
        ("per-core", [{"NodeID": "n", "Resources": {"CPU": "4"}}], "numbers in 'Resources'"),
        ("per-core", [{"NodeID": "n", "Resources": {"CPU": -1.0}}], "CPU = -1"),
        ("per-core", [NODE, NODE], "two live nodes have the id 'n'"),
    ],
)
def test_what_cannot_be_planned(layout: Any, nodes: Any, message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        plan(layout, nodes)


def test_existing_ids() -> None:
    left = plan("per-core", [NODE], [f"n_cpu_{i}" for i in range(1, 8)])
    assert [worker.worker_id for worker in left.workers] == ["n_cpu_0"]
    assert len(left) == 1
    with pytest.raises(LayoutError, match="existing_ids must be a list of worker ids"):
        plan("per-core", [NODE], 3)  # type: ignore[arg-type]


def test_nodes_without_resources_get_no_worker() -> None:
    dead = {"NodeID": "d", "Alive": False, "Resources": {}}
    assert len(plan("per-core", [dead, {"NodeID": "e", "Alive": True}])) == 0


def test_a_plan_is_a_table_and_json() -> None:
    made = plan("cpus-per-worker=4", [NODE])
    assert str(made).splitlines()[0] == "layout cpus-per-worker=4, workers 2"
    assert "n_cpu_4" in str(made)
    read = json.loads(made.to_json())
    assert read["layout"] == "cpus-per-worker=4"
    assert read["workers"][0] == {
        "worker_id": "n_cpu_0",
        "node_id": "n",
        "cpus": 4,
        "gpus": 2,
        "first_gpu": 0,
        "memory_bytes": 16_000_000_000,
    }


def test_workers_are_values() -> None:
    worker = Worker("n_cpu_0", "n", 1, 0, 10)
    assert pickle.loads(pickle.dumps(worker)) == worker
    assert eval(repr(worker)) == worker
    assert worker != Worker("n_cpu_0", "n", 2, 0, 10)


def test_what_was_created_is_held_against_the_plan() -> None:
    made = plan("per-core,max-workers=2", [NODE])
    verify(made, made.workers, made.workers)
    with pytest.raises(NotInEffectError, match="'n_cpu_1' was planned but not created"):
        verify(made, made.workers[:1], [])
    assert issubclass(NotInEffectError, ProtoplastError)
    assert issubclass(LayoutError, ProtoplastError)


def test_status_rows() -> None:
    worker = Worker("n_cpu_0", "n", 1, 0, 1 << 30)
    table = render_workers([(worker, 123, "alive"), (worker, None, "dead")])
    header, alive, dead = (line.split() for line in table.splitlines())
    assert header == ["worker", "pid", "CPUs", "GPUs", "memory", "state"]
    assert alive == ["n_cpu_0", "123", "1", "0", "1.0", "GiB", "alive"]
    assert dead == ["n_cpu_0", "-", "1", "0", "1.0", "GiB", "dead"]
