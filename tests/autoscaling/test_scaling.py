"""A real autoscaler adds and ends nodes: never more than on stock Daft, and for no longer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.autoscaling.fake_cluster import autoscaling_cluster
from tests.autoscaling.scaled_queries import GONE, RELEASE, ROLLBACK, scaled, write
from tests.support.process import RAY_RUNNER, in_new_process

# After how many seconds without work the autoscaler ends a node, and how long it may take until all have
# gone: the second version ends some nodes in a second round.
IDLE_S = 6.0
PATIENCE_S = 25.0

MOST_NODES = 3
SCALE_IN = {"DAFT_AUTOSCALING_DOWNSCALE_ENABLED": "1"}


def seen(
    layout: str | None, steps: list[str], folder: Path, *, v2: bool = False, scales_in: bool = False
) -> dict[str, Any]:
    """Run steps on a new cluster. Returns what was seen of each, by its number and name."""
    environment = SCALE_IN if scales_in else {}
    write(folder)
    with autoscaling_cluster(
        v2=v2, most_nodes=MOST_NODES, idle_s=IDLE_S, environment=environment
    ) as address:
        # Nodes may stay for ever where Daft does not scale in.
        patience = PATIENCE_S if scales_in or ROLLBACK in steps else IDLE_S
        found = in_new_process(
            scaled,
            layout,
            steps,
            str(folder),
            patience,
            environment={**RAY_RUNNER, **environment, "RAY_ADDRESS": address},
            timeout=240,
        )
    print(layout or "stock", "v2" if v2 else "v1", f"{scales_in=}", *found, sep="\n  ")
    return {f"{number} {step['step']}": step for number, step in enumerate(found)}


def most_nodes(found: dict[str, Any]) -> int:
    return max(int(step["nodes"]) for step in found.values())


def assert_no_more(found: dict[str, Any], stock: dict[str, Any]) -> None:
    """See that each step had at most as many nodes as on stock, and at most as many CPUs asked for."""
    for name, step in found.items():
        assert step["nodes"] <= stock[name]["nodes"], name
        assert max(step["asked"]) <= max(stock[name]["asked"]), name


def assert_gone(found: dict[str, Any]) -> None:
    for name, step in found.items():
        assert GONE not in name or step["took"] is not None, f"{name}: nodes are left"


def test_no_node_is_asked_for_that_stock_does_not_ask_for(tmp_path: Path) -> None:
    steps = ["scan", "two", "scan"]
    stock, auto = seen(None, steps, tmp_path), seen("auto", steps, tmp_path)
    assert [step["nodes"] for step in stock.values()] == [1, 1, 1], "one task needs one node"
    assert_no_more(auto, stock)


def test_nodes_go_when_daft_scales_in(tmp_path: Path) -> None:
    steps = ["native", "native", GONE, "scan", GONE]
    found = seen("auto", steps, tmp_path, scales_in=True)
    assert_gone(found)
    assert most_nodes(found) == 1
    assert found["4 gone"]["asked"][-1] == 0, "the request was taken back"


# The last query has so many tasks that stock asks for another CPU each second while they wait.
WITHOUT = ["scan", "two", "scan", "native", "many", RELEASE, ROLLBACK]
SCALING_IN = ["native", GONE, "native", "native", "scan", "kept", GONE, "many", GONE]
GROWING = "many"


@pytest.mark.chaos
@pytest.mark.timeout(900)
@pytest.mark.parametrize("scales_in", [False, True], ids=["", "scale-in"])
@pytest.mark.parametrize("v2", [False, True], ids=["v1", "v2"])
def test_every_layout_scales_as_stock_does(tmp_path: Path, v2: bool, scales_in: bool) -> None:
    steps = SCALING_IN if scales_in else WITHOUT
    stock = seen(None, steps, tmp_path, v2=v2, scales_in=scales_in)
    assert most_nodes(stock) == MOST_NODES, "there is work for all nodes"
    for layout in ("per-core", "auto"):
        found = seen(layout, steps, tmp_path, v2=v2, scales_in=scales_in)
        assert_no_more({name: found[name] for name in [*found][: steps.index(GROWING)]}, stock)
        assert most_nodes(found) <= MOST_NODES
        if scales_in:
            assert_gone(stock)
            assert_gone(found)
        else:
            # Stock's workers keep their nodes for as long as the driver lives.
            assert stock[f"{len(steps) - 1} {ROLLBACK}"]["took"] is None
            assert found[f"{len(steps) - 1} {ROLLBACK}"]["took"] is not None
