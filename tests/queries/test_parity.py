"""Whatever runs on stock Daft runs patched, with the same answers."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from protoplast.seams.whole_plans import WHOLE_PLANS
from tests.support.shared_driver import Scenarios

CPUS = 4
GPUS = 2
PATIENCE_S = 240.0

# A test may have to wait for the fixture as well.
pytestmark = pytest.mark.timeout(PATIENCE_S * 2)


def answers(layout: str | None, of: str | None = None, times: int = 1) -> Any:
    """Run queries; returns the rows of each as text, or its error, by its name.

    Args:
        layout: The layout, or None for stock Daft.
        of: The module of the queries whose inputs are collected first, or None for all queries as they
            are. With a module, it is also returned whether each query ran on one worker.
        times: How often each query runs. The last answer counts.
    """
    import os

    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.queries.whole_queries import ran_whole
    from tests.support import (
        parity_queries,
        parity_udfs,  # noqa: F401  It adds its queries.
    )
    from tests.support.parity_queries import ORDERED, QUERIES

    if of is not None:
        parity_queries.given = lambda frame: frame.collect()
    if layout is not None:
        apply_flotilla_patches(layout)
    found: dict[str, Any] = {}
    for name, query in QUERIES.items():
        if of not in (None, query.__module__):
            continue
        for _ in range(times - 1):
            with contextlib.suppress(Exception), tempfile.TemporaryDirectory() as folder:
                result = query(Path(folder))
                if not isinstance(result, list):
                    result.to_pylist()
        with tempfile.TemporaryDirectory() as folder:
            try:
                result = query(Path(folder))
                rows = result if isinstance(result, list) else result.to_pylist()
            except Exception as error:
                found[name] = {"error": type(error).__name__, "text": str(error)[:500]}
                continue
        lines = [json.dumps(row, sort_keys=True, default=str) for row in rows]
        found[name] = {"rows": lines if name in ORDERED else sorted(lines)}
        if of is not None and layout is not None:
            found[name]["whole"] = ran_whole()
    assert os.environ["DAFT_RUNNER"] == "ray"
    return found


@pytest.fixture(scope="module")
def stock(scenarios: Scenarios) -> Any:
    return scenarios(answers, None, cpus=CPUS, gpus=GPUS, timeout=PATIENCE_S)


def lacking(found: Any) -> dict[str, str]:
    return {name: answer["text"] for name, answer in found.items() if "error" in answer}


def test_stock_daft_runs_every_query(stock: Any) -> None:
    import daft

    from protoplast.seams import daft as daft_seams

    if daft.__version__ == daft_seams.NEWEST_DAFT:
        assert lacking(stock) == {}
    # An older Daft does not have every name.
    assert len(lacking(stock)) < len(stock) / 3, lacking(stock)


@pytest.mark.parametrize(
    "layout",
    [
        "per-core",
        *(
            pytest.param(wide, marks=pytest.mark.chaos)
            for wide in ("cpus-per-worker=2", "per-node")
        ),
    ],
)
def test_patched_daft_gives_the_same_answers(layout: str, stock: Any, scenarios: Scenarios) -> None:
    patched = scenarios(answers, layout, cpus=CPUS, gpus=GPUS, timeout=PATIENCE_S)
    assert lacking(patched).keys() == lacking(stock).keys(), lacking(patched)
    for name, answer in stock.items():
        if "rows" in answer:
            assert patched[name] == answer, name
            assert answer["rows"], name
        else:
            assert patched[name]["error"] == answer["error"], name


NATIVE = "tests.support.parity_queries"
PYTHON = "tests.support.parity_udfs"

# The queries without Python code that do not run on one worker if their input is collected: they ask for
# partitions, or their rows depend on them.
IN_TASKS = {
    "explode",
    "sample",
    "repartition",
    "into_batches",
    "shuffle_map_reduce",
    "shuffle_flight_shuffle",
}


@pytest.mark.skipif(
    not WHOLE_PLANS.is_available(), reason="no worker of this Daft runs a whole query"
)
def test_one_worker_gives_the_same_answers(scenarios: Scenarios) -> None:
    stock, ours = (
        scenarios(answers, layout, NATIVE, cpus=CPUS, gpus=GPUS, timeout=PATIENCE_S)
        for layout in (None, "auto")
    )
    assert lacking(ours).keys() == lacking(stock).keys()
    ran = {name for name, answer in ours.items() if answer.pop("whole", False)}
    assert ran == stock.keys() - IN_TASKS - lacking(stock).keys()
    assert len(ran) > 20
    for name in stock.keys() - lacking(stock).keys():
        assert ours[name] == stock[name], name


# The queries of functions that run on one worker when their time is known.
LIGHT = {"func_row", "func_generator", "func_batch", "udf_plain", "udf_batched", "udf_cpus_1"}


@pytest.mark.skipif(
    not WHOLE_PLANS.is_available(), reason="no worker of this Daft runs a whole query"
)
def test_light_code_gives_the_same_answers_when_it_is_known(scenarios: Scenarios) -> None:
    stock, ours = (
        scenarios(answers, layout, PYTHON, times, cpus=CPUS, gpus=GPUS, timeout=PATIENCE_S)
        for layout, times in ((None, 1), ("auto", 2))
    )
    ran = {name for name, answer in ours.items() if answer.pop("whole", False)}
    assert ran <= LIGHT | {"fleet_to_fleet"}, (
        "what has requests, processes or classes has its own rules"
    )
    assert len(ran & LIGHT) >= 3
    for name, answer in stock.items():
        if "rows" in answer:
            assert ours[name] == answer, name
        else:
            assert ours[name]["error"] == answer["error"], name
