"""Whatever runs on stock Daft runs patched, with the same answers."""

from __future__ import annotations

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


def answers(layout: str | None) -> Any:
    """Run every query; returns its rows as text, or its error, by its name."""
    from tests.support import parity_udfs  # noqa: F401  It adds its queries.
    from tests.support.parity_queries import QUERIES

    apply(layout)
    return {name: answer(name) for name in QUERIES}


def apply(layout: str | None) -> None:
    import os

    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    if layout is not None:
        apply_flotilla_patches(layout)
    assert os.environ["DAFT_RUNNER"] == "ray"


def answer(name: str) -> dict[str, Any]:
    from tests.support.parity_queries import ORDERED, QUERIES

    with tempfile.TemporaryDirectory() as folder:
        try:
            result = QUERIES[name](Path(folder))
            rows = result if isinstance(result, list) else result.to_pylist()
        except Exception as error:
            return {"error": type(error).__name__, "text": str(error)[:500]}
    lines = [json.dumps(row, sort_keys=True, default=str) for row in rows]
    return {"rows": lines if name in ORDERED else sorted(lines)}


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


def answers_of(layout: str | None, inputs: str, module: str, times: int = 1) -> Any:
    """Run the queries of a module on inputs that one worker can read.

    Args:
        layout: The layout; None for stock Daft.
        inputs: `collected`, or `files` for Parquet files.
        module: The module.
        times: How often each query runs. The last answer counts.

    Returns:
        What `answers` does, with the reason why each query ran where it did.
    """
    import daft

    from protoplast.driver.recent import RECENT
    from tests.support import (
        parity_queries,
        parity_udfs,  # noqa: F401  It adds its queries.
    )

    def collected(columns: dict[str, list[Any]], parts: int) -> Any:
        return daft.from_pydict(columns).into_partitions(parts).collect()

    def files(columns: dict[str, list[Any]], parts: int) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table(columns)
        step = -(-len(table) // parts)
        of = Path(tempfile.mkdtemp(dir=folder))
        paths = [str(of / f"{part}.parquet") for part in range(parts)]
        for part, path in enumerate(paths):
            pq.write_table(table.slice(part * step, step), path)
        return daft.read_parquet(paths)

    apply(layout)
    found = {}
    before = parity_queries.given
    parity_queries.given = {"collected": collected, "files": files}[inputs]
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, query in parity_queries.QUERIES.items():
                if query.__module__ == module:
                    found[name] = [answer(name) for _ in range(times)][-1]
                    found[name]["reason"] = RECENT[-1].explanation.reason if layout else None
    finally:
        parity_queries.given = before
    return found


ON_ONE_WORKER = "it runs as one task on one worker"

# By name: the operators for which native queries run in tasks. They ask for partitions, or their rows
# depend on them.
IN_TASKS = {
    "sample": "'Sample'",
    "repartition": "'Repartition'",
    "into_batches": "'IntoBatches'",
    "shuffle_map_reduce": "'Repartition'",
    "shuffle_flight_shuffle": "'Repartition'",
}


@pytest.mark.skipif(
    not WHOLE_PLANS.is_available(), reason="no worker of this Daft runs a whole query"
)
@pytest.mark.parametrize("inputs", ["collected", "files"])
def test_one_worker_gives_the_same_answers(inputs: str, scenarios: Scenarios) -> None:
    stock, ours = (
        scenarios(answers_of, layout, inputs, NATIVE, cpus=CPUS, gpus=GPUS, timeout=PATIENCE_S)
        for layout in (None, "auto")
    )
    assert lacking(ours).keys() == lacking(stock).keys()
    run = stock.keys() - lacking(stock).keys()
    assert len(run - IN_TASKS.keys()) > 20
    for name in run:
        assert ours[name]["rows"] == stock[name]["rows"] != [], name
        in_tasks = f"it runs in tasks because of {IN_TASKS.get(name)}"
        reason = ours[name]["reason"].split("; ")[-1]
        assert reason.startswith(in_tasks if name in IN_TASKS else ON_ONE_WORKER), (name, reason)
        assert "ran in tasks" not in reason, (name, reason)


# The queries of functions, which run on one worker when their time is known. All others have requests,
# processes, classes, sources or sinks.
LIGHT = {"func_row", "func_generator", "func_batch", "udf_plain", "udf_batched", "udf_cpus_1"}


@pytest.mark.skipif(
    not WHOLE_PLANS.is_available(), reason="no worker of this Daft runs a whole query"
)
def test_light_code_gives_the_same_answers_when_it_is_known(scenarios: Scenarios) -> None:
    stock, ours = (
        scenarios(
            answers_of, layout, "collected", PYTHON, times, cpus=CPUS, gpus=GPUS, timeout=PATIENCE_S
        )
        for layout, times in ((None, 1), ("auto", 2))
    )
    assert lacking(ours).keys() == lacking(stock).keys()
    ran = set()
    for name in stock.keys() - lacking(stock).keys():
        assert ours[name]["rows"] == stock[name]["rows"] != [], name
        reason = ours[name]["reason"]
        if ON_ONE_WORKER in reason and "ran in tasks" not in reason:
            ran.add(name)
    assert ran <= LIGHT | {"fleet_to_fleet"}
    assert len(ran & LIGHT) >= 3
