"""Layouts are values; a plan divides what nodes have, or is refused with its reason."""

from __future__ import annotations

import json
import pickle
from dataclasses import asdict, replace
from typing import Any

import pytest

from protoplast import (
    Layout,
    LayoutError,
    NotInEffectError,
    ProtoplastError,
    Worker,
    WorkerReport,
    plan,
)
from protoplast._core import (
    MEMORY_VARIABLE,
    THREAD_VARIABLES,
    check_created,
    environment,
    worker_table,
)
from protoplast.worker.gil import GilCounters

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
        (Layout.per_numa(max_workers=1, gpus="spread"), "per-numa,max-workers=1,gpus=spread"),
        (Layout.per_gpu(max_workers=4), "per-gpu,max-workers=4"),
        (Layout.per_core(memory=0.9), "per-core,memory=0.9"),
        (Layout.per_core(memory=None, split=False), "per-core,split=false"),
        (Layout.cpus_per_worker(cpus=2, split=True), "cpus-per-worker=2"),
        (Layout.per_core(memory=1, pin_fallback=False), "per-core"),
        (Layout.per_node(memory=1e-6, threads=4), "per-node,memory=0.000001,threads=4"),
        (Layout.per_gpu(pin="numa"), "per-gpu,pin=numa"),
        (Layout.per_node(keep="10min"), "per-node,keep=10min"),
        (Layout.auto(split=False, keep="7200s"), "auto,split=false,keep=2h"),
        (Layout.per_core(keep=None), "per-core"),
        (Layout.auto(one_worker="auto"), "auto"),
        (Layout.auto(one_worker="never"), "auto,one-worker=never"),
        (Layout.per_node(one_worker="2048MiB", keep="1h"), "per-node,keep=1h,one-worker=2GiB"),
        (Layout.auto(one_copy="Model"), "auto,one-copy=Model"),
        (
            Layout.auto(keep="1h", one_copy=" m.Model | f.<locals>.Other"),
            "auto,keep=1h,one-copy=m.Model|f.<locals>.Other",
        ),
        (
            Layout.by_node([("id=a", Layout.auto(one_copy="A|B")), ("*", "auto")]),
            "id=a -> auto,one-copy=A|B; * -> auto",
        ),
        (
            Layout.by_node([("id=a", Layout.per_gpu(keep="90s")), ("*", "per-core,keep=60min")]),
            "id=a -> per-gpu,keep=90s; * -> per-core,keep=1h",
        ),
        (
            Layout.cpus_per_worker(2, pin="core", pin_fallback=True),
            "cpus-per-worker=2,pin=core,pin-fallback=true",
        ),
        (
            Layout.by_node([("resource=GPU", "per-gpu"), ("*", Layout.per_core(memory=0.5))]),
            "resource=GPU -> per-gpu; * -> per-core,memory=0.5",
        ),
        (Layout.by_node([("*", "per-node")]), "per-node"),
        (Layout.by_node((("label=it's", "per-numa"),)), "label=it's -> per-numa"),
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
        with pytest.raises(LayoutError, match="'threads' must be a whole number"):
            Layout.per_core(threads=bad)


@pytest.mark.parametrize("bad", ["all", "", 2, True])
def test_gpus_are_checked(bad: Any) -> None:
    with pytest.raises(LayoutError, match="'gpus' must be 'first' or 'spread', not"):
        Layout.per_core(gpus=bad)


@pytest.mark.parametrize("bad", [0, 2, -0.5, 0.1 + 0.2, True, "0.5", float("nan"), 10**30, []])
def test_the_part_of_memory_is_checked(bad: Any) -> None:
    with pytest.raises(LayoutError, match="'memory' must be a decimal above 0 and at most 1"):
        Layout.per_core(memory=bad)


def test_pinning_is_checked() -> None:
    with pytest.raises(LayoutError, match="'pin' must be 'core' or 'numa', not 'socket'"):
        Layout.per_core(pin="socket")
    with pytest.raises(LayoutError, match="'pin-fallback' must be 'true' or 'false', not '1'"):
        Layout.per_core(pin="core", pin_fallback=1)  # type: ignore[arg-type]
    with pytest.raises(LayoutError, match="without 'pin'"):
        Layout.per_core(pin_fallback=True)


def test_splitting_is_on_or_off() -> None:
    with pytest.raises(LayoutError, match="'split' must be 'true' or 'false', not '0'"):
        Layout.auto(split=0)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", ["10", "10 min", "0s", "25h", "1.5h", "", 600, 1.5, True, []])
def test_the_time_to_keep_instances_is_checked(bad: Any) -> None:
    for make in (Layout.auto, Layout.per_node):
        with pytest.raises(LayoutError) as error:
            make(keep=bad)
        message = f"'keep' must be a whole number and its unit, from '1s' to '24h', not '{bad}'"
        assert message in str(error.value)
        assert "'keep=10min'" in str(error.value)


@pytest.mark.parametrize("bad", ["", "|", "A|", "A B", "a..B", "A,B", 3, 1.5, True, ["A"], str])
def test_the_names_of_classes_are_checked(bad: Any) -> None:
    with pytest.raises(LayoutError, match="'one-copy' must be the names of classes") as error:
        Layout.auto(one_copy=bad)
    assert "'one-copy=Model'" in str(error.value)


def test_the_workers_are_the_same_whatever_runs_in_one_copy() -> None:
    named = Layout.parse("id=a -> per-gpu; * -> auto,keep=1h,one-copy=Model")
    plain = Layout.parse("id=a -> per-gpu; * -> auto,keep=1h")
    assert named != plain
    assert named.target_layouts == plain.target_layouts


def test_each_node_keeps_instances_as_long_as_its_rule_says() -> None:
    layout = Layout.parse(
        "id=a -> per-core,keep=10min; resource=GPU -> per-gpu; id=c -> auto,keep=1s"
    )
    nodes = {
        name: {"NodeID": name, "Resources": {"CPU": 4.0, "memory": 1e9, gpu: 1.0}}
        for name, gpu in (("a", "GPU"), ("b", "GPU"), ("c", "CPU"), ("d", "CPU"))
    }
    kept = {name: layout.keep_seconds(node) for name, node in nodes.items()}
    assert kept == {"a": 600, "b": None, "c": 1, "d": None}
    assert [one.keep_seconds(nodes["c"]) for one in layout.target_layouts] == [1, 1]
    assert Layout.per_core(keep="24h").keep_seconds({"NodeID": "n"}) == 86_400
    assert [Layout.per_core().keep_seconds(node) for node in nodes.values()] == [None] * 4
    bad: list[Any] = [None, [], [nodes["a"]], {}, {"NodeID": 3}]
    for node in bad:
        with pytest.raises(LayoutError, match="a node must be a dict"):
            layout.keep_seconds(node)


def test_a_worker_keeps_instances_as_long_as_its_node() -> None:
    worker = plan("per-core,keep=10min", [NODE]).workers[0]
    assert str(worker.layout) == "per-core,keep=10min"
    assert pickle.loads(pickle.dumps(worker)) == worker == eval(repr(worker))


def test_a_kind_takes_the_options_that_mean_something_for_it() -> None:
    refused: list[tuple[Any, dict[str, Any]]] = [
        (Layout.per_core, {"color": "red"}),
        (Layout.per_gpu, {"gpus": "first"}),
        (Layout.per_node, {"max_workers": 2}),
        (Layout.per_node, {"split": False}),
        (Layout.per_core, {"one_copy": "Model"}),
    ]
    for make, options in refused:
        with pytest.raises(TypeError, match="unexpected keyword argument"):
            make(**options)


def test_only_nodes_that_a_rule_cuts_by_numa_need_to_tell_it() -> None:
    nodes = [{"NodeID": name, "Resources": {"CPU": 4.0, "memory": 1e9}} for name in ("a", "b")]
    assert Layout.parse("id=a -> per-numa; * -> per-core").needs_numa(nodes) == [True, False]
    assert Layout.parse("resource=GPU -> per-numa").needs_numa(nodes) == [False, False]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([], "a layout must be .*, not \\[\\]"),
        (["per-core"], "a rule must be a pair of a selector and a layout, not 'per-core'"),
        ([("*", "per-core", 3)], "a rule must be a pair"),
        ([(3, "per-core")], "a selector must be a str"),
        ([("GPU", "per-core")], "'GPU' selects no nodes"),
        ([("id=a;b", "per-core")], "'id=a;b' selects no nodes"),
        ([("*", 3)], "the layout of a rule must be a Layout or its text, not 3"),
        ([("*", [("*", "per-core")])], "the layout of a rule must be a Layout or its text"),
        ([("*", Layout.parse("id=a -> per-core"))], "'id=a -> per-core' has rules itself"),
        ([("*", "percore")], "unknown layout 'percore'"),
    ],
)
def test_rules_are_checked(rules: Any, message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        plan(rules, [])


def test_gpus_are_spread() -> None:
    workers = plan("per-core,gpus=spread", [NODE]).workers
    assert [worker.gpus for worker in workers] == [1, 1, 0, 0, 0, 0, 0, 0]
    assert [worker.first_gpu for worker in workers] == [0, 1, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("layout", "nodes", "message"),
    [
        (3, [], "a layout must be a Layout, its text or a list of .*, not 3"),
        ("per-cpu", [], "unknown layout 'per-cpu'"),
        ("per-core", 3, "nodes must be a list in the form of ray.nodes"),
        ("per-core", ["n"], "a node must be a dict in the form of ray.nodes"),
        ("per-core", [{}], "a str under 'NodeID'"),
        ("per-core", [{"NodeID": "n", "Alive": "yes"}], "a bool under 'Alive'"),
        ("per-core", [{"NodeID": "n", "Resources": 3}], "a dict under 'Resources'"),
        ("per-core", [{"NodeID": "n", "Resources": {"CPU": "4"}}], "numbers in 'Resources'"),
        ("per-core", [{"NodeID": "n", "Resources": {"CPU": -1.0}}], "CPU = -1"),
        ("per-core", [NODE, NODE], "two live nodes have the id 'n'"),
        ("per-core", [{**NODE, "NodeManagerAddress": 3}], "a str under 'NodeManagerAddress'"),
        ("per-core", [{**NODE, "Labels": {"a": 3}}], "a dict of strs under 'Labels'"),
        ("per-core", [{**NODE, "NumaNodes": [{"id": 0}]}], "under 'NumaNodes'"),
        ("per-core", [{**NODE, "NumaNodes": 2}], "under 'NumaNodes'"),
        ("per-core", [{**NODE, "MaxWorkers": 0}], "a whole number above 0 under 'MaxWorkers'"),
        ("per-core", [{**NODE, "MaxWorkers": 4}], "8 workers, but the node can start only 4"),
        ("per-numa", [NODE], "the NUMA nodes of node 'n' are unknown"),
        ("per-core,memory=0.01", [NODE], "choose 'workers-per-node=4,memory=0.01'"),
    ],
)
def test_what_cannot_be_planned(layout: Any, nodes: Any, message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        plan(layout, nodes)


def test_nodes_are_cut_by_what_they_tell() -> None:
    numa = [{"id": 1, "cpus": 6, "memory_bytes": 1}, {"id": 3, "cpus": 2, "memory_bytes": 1}]
    nodes = [
        NODE,
        {**NODE, "NodeID": "m", "NodeManagerAddress": "10.0.0.1", "NumaNodes": numa},
        {**NODE, "NodeID": "o", "Labels": {"zone": "b"}, "MaxWorkers": 1},
    ]
    rules = [("address=10.0.0.1", "per-numa"), ("label=zone:b", "per-node"), ("*", "per-gpu")]
    made = plan(rules, nodes)
    assert [(w.worker_id, w.cpus, w.gpus, w.numa) for w in made.workers] == [
        ("n_cpu_0", 4, 1, None),
        ("n_cpu_4", 4, 1, None),
        ("m_cpu_0", 6, 2, 1),
        ("m_cpu_6", 2, 0, 3),
        ("o", 8, 2, None),
    ]
    assert (
        str(made.layout) == "address=10.0.0.1 -> per-numa; label=zone:b -> per-node; * -> per-gpu"
    )
    assert [str(worker.layout) for worker in made.workers[1:3]] == ["per-gpu", "per-numa"]
    assert len(plan(rules, nodes, ["o", "m_cpu_6"])) == 3


def test_a_worker_s_environment() -> None:
    layout = "per-core,memory=0.5,threads=3,pin=core,pin-fallback=true"
    worker = plan(layout, [NODE]).workers[0]
    assert (worker.threads, worker.pin, worker.pin_fallback) == (3, "core", True)
    variables = environment(worker)
    assert variables.pop(MEMORY_VARIABLE) == "2000000000"
    assert variables == dict.fromkeys(THREAD_VARIABLES, "3")
    assert environment(plan("per-node", [NODE]).workers[0]) == {}
    assert environment(Worker("a_cpu_0", "a", 2, 0, 9))["OMP_NUM_THREADS"] == "2"


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
        "threads": 4,
        "numa": None,
        "layout": "cpus-per-worker=4",
    }


def test_a_worker_is_sent_in_as_many_bytes_however_many_its_node_has() -> None:
    """A runner sends all its workers before each query."""
    sizes = [
        len(
            pickle.dumps(
                plan("per-core", [NODE | {"Resources": {"CPU": cpus, "memory": 1e12}}]).workers[0]
            )
        )
        for cpus in (8, 192)
    ]
    assert sizes[1] - sizes[0] < 8


def test_workers_are_values() -> None:
    worker = Worker("n_cpu_0", "n", 1, 0, 10)
    assert pickle.loads(pickle.dumps(worker)) == worker
    assert eval(repr(worker)) == worker
    assert worker != Worker("n_cpu_0", "n", 2, 0, 10)
    assert (worker.threads, worker.numa, worker.pin, worker.pin_fallback) == (1, None, None, False)
    assert worker == Worker("n_cpu_0", "n", 1, 0, 10, threads=1, layout="per-core")
    pinned = Worker("n_cpu_4", "n", 4, 0, 10, 1, threads=2, numa=3, layout="per-numa,pin=numa")
    assert pickle.loads(pickle.dumps(pinned)) == pinned
    assert eval(repr(pinned)) == pinned
    *_, last = plan("cpus-per-worker=3", [NODE]).workers
    assert (last.index, last.widths) == (2, [3, 3, 2])
    assert pickle.loads(pickle.dumps(last)) == last == eval(repr(last))
    with pytest.raises(LayoutError, match="has rules itself"):
        Worker("n", "n", 1, 0, 10, layout="id=a -> per-core")


def test_what_was_created_is_held_against_the_plan() -> None:
    made = plan("per-core,max-workers=2", [NODE])
    check_created(made, made.workers, made.workers)
    with pytest.raises(NotInEffectError, match="'n_cpu_1' was planned but not created"):
        check_created(made, made.workers[:1], [])
    assert issubclass(NotInEffectError, ProtoplastError)
    assert issubclass(LayoutError, ProtoplastError)


def test_status_rows() -> None:
    gib = 1 << 30
    up = WorkerReport("n_cpu_0", "n", 123, 1, 0, gib, "alive", gib, 300 << 20, 70 << 20, 33, "0-1")
    up = replace(up, gil=GilCounters(elapsed_us=1000, samples=10, blocked=5, waited_us=200))
    down = WorkerReport("n_cpu_1", "n", None, 1, 0, gib, "dead")
    table = worker_table(json.dumps([asdict(up), asdict(down)]))
    header, alive, dead = (line.split() for line in table.splitlines())
    assert " ".join(header) == "worker pid CPUs GPUs memory limit RSS PSS threads GIL on CPUs state"
    assert " ".join(alive) == "n_cpu_0 123 1 0 1.0 GiB 1.0 GiB 300.0 MiB 70.0 MiB 33 60 % 0-1 alive"
    assert " ".join(dead) == "n_cpu_1 - 1 0 1.0 GiB - - - - - - dead"
