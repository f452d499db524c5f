"""Whatever runs on stock Daft runs patched, with the same answers."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.shared_driver import Scenarios

CPUS = 4
GPUS = 2
PATIENCE_S = 240.0

# A test may have to wait for the fixture as well.
pytestmark = pytest.mark.timeout(PATIENCE_S * 2)


def answers(layout: str | None) -> Any:
    """Run every query; returns its rows as text, or its error, by its name."""
    import os

    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support import parity_udfs  # noqa: F401  It adds its queries.
    from tests.support.parity_queries import ORDERED, QUERIES

    if layout is not None:
        apply_flotilla_patches(layout)
    found: dict[str, Any] = {}
    for name, query in QUERIES.items():
        with tempfile.TemporaryDirectory() as folder:
            try:
                result = query(Path(folder))
                rows = result if isinstance(result, list) else result.to_pylist()
            except Exception as error:
                found[name] = {"error": type(error).__name__, "text": str(error)[:500]}
                continue
        lines = [json.dumps(row, sort_keys=True, default=str) for row in rows]
        found[name] = {"rows": lines if name in ORDERED else sorted(lines)}
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
