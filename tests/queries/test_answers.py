"""Answers are the same however scans are cut into tasks, but for what `docs/auto.md` says may differ."""

from __future__ import annotations

import json
import math
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from protoplast.seams.check import release
from protoplast.seams.optional import MERGING
from tests.support.answer_queries import (
    FILES,
    LINES,
    OVER_FILES,
    OVER_LINES,
    QUERIES,
    ROW_GROUPS,
    TELLING_ORDER,
    by_key,
    columns,
    rounding,
    rows_of,
    write,
)
from tests.support.queries import nothing_is_learnt
from tests.support.shared_driver import Scenarios

CPUS = 2
SEEDS = range(3)
# Workers of one thread, and one that runs several tasks of a query at once.
LAYOUTS = ("per-core", "cpus-per-worker=2")
# What sums of floats give is compared for itself.
ROUNDED = ("sum", "mean", "stddev")
# What takes rows as they come.
IN_ORDER = ("any", "names")


def ran(folder: Path) -> dict[str, Any]:
    """What each query gives over each source, by both names; of the first seed all queries."""
    is_first = folder.name == "0"
    names = list(QUERIES) if is_first else TELLING_ORDER
    pairs = [(name, "one") for name in names]
    pairs += [(name, "part") for name in OVER_FILES if is_first]
    pairs += [(name, "lines") for name in OVER_LINES if is_first]
    return {
        f"{name} of {source}": QUERIES[name](rows_of(folder, source)).to_pylist()
        for name, source in pairs
    }


def tasks(folder: Path) -> list[int]:
    """In how many tasks the rows of each source are read."""
    # What is collected would be gathered.
    return [sum(1 for _ in rows_of(folder, source).iter_partitions()) for source in ("one", "part")]


def answers(folder: str) -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    folders = [Path(folder, str(seed)) for seed in SEEDS]
    for seed, of_seed in zip(SEEDS, folders, strict=True):
        of_seed.mkdir()
        write(of_seed, seed)
    found: dict[str, Any] = {"stock": [ran(of_seed) for of_seed in folders], "tasks": {}}
    # Scans are cut as finely as they can be.
    with nothing_is_learnt():
        for layout in LAYOUTS:
            apply_flotilla_patches(layout)
            found[layout] = [ran(of_seed) for of_seed in folders]
            found["tasks"][layout] = tasks(folders[0])
    return json.loads(json.dumps(found, default=str))


@pytest.fixture(scope="module")
def found(scenarios: Scenarios, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = str(tmp_path_factory.mktemp("answers"))
    return scenarios(answers, folder, cpus=CPUS, timeout=240)


pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        release(version("daft")) < release(MERGING.since),
        reason="of this Daft no thread reads a file in its order",
    ),
]


def without(rows: list[dict[str, Any]], *left_out: str) -> list[str]:
    """Rows as text, in an order of their own."""
    kept = [{name: row[name] for name in sorted(row) if name not in left_out} for row in rows]
    return sorted(map(str, kept))


def test_scans_are_split_and_merged_for_it(found: Any) -> None:
    assert found["tasks"]["per-core"] == [ROW_GROUPS, FILES // 2]
    assert found["tasks"]["cpus-per-worker=2"] == [ROW_GROUPS, FILES]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_does_not_depend_on_order_is_the_same_to_the_last_bit(layout: str, found: Any) -> None:
    for seed in SEEDS:
        for name, rows in found["stock"][seed].items():
            assert rows, name
            ours = found[layout][seed][name]
            if name.startswith(("first of each", "newest of each of part")):
                assert len(ours) == len(rows), (seed, name)
            elif name.startswith(("in a total order", "most")):
                assert ours == rows, (seed, name)
            else:
                left_out = () if "order" in name else (*ROUNDED, *IN_ORDER)
                assert without(ours, *left_out) == without(rows, *left_out), (seed, name)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_depends_on_the_order_of_sorted_rows_is_the_same_even_in_ties(
    layout: str, found: Any
) -> None:
    for seed in SEEDS:
        stock, ours = found["stock"][seed], found[layout][seed]
        assert ours["sorted twice of one"] == stock["sorted twice of one"], seed
        newest = {row["key"]: row["name"] for row in ours["newest of each of one"]}
        assert newest == {key: max(names) for key, names in by_key(seed, "name").items()}, seed
        gathered = {row["key"]: row for row in ours["gathered in order of one"]}
        for key, names in by_key(seed, "name").items():
            assert gathered[key]["names"] == sorted(names), (seed, key)
            assert gathered[key]["any"] == min(names), (seed, key)


def test_workers_of_one_thread_take_rows_in_the_order_of_the_files(found: Any) -> None:
    for seed in SEEDS:
        names, ids = by_key(seed, "name"), by_key(seed, "id")
        for source in ("one", "part")[: 1 + (seed == 0)]:
            ours = {
                name: found["per-core"][seed][f"{name} of {source}"]
                for name in ("grouped", "whole", "first of each")
            }
            (whole,) = ours["whole"]
            assert whole["any"] == columns(seed)["name"][0], (seed, source)
            assert whole["names"] == columns(seed)["name"], (seed, source)
            for row in ours["grouped"]:
                assert row["any"] == names[row["key"]][0], (seed, source)
                assert row["names"] == names[row["key"]], (seed, source)
            first = {row["key"]: row["id"] for row in ours["first of each"]}
            assert first == {key: of_key[0] for key, of_key in ids.items()}, (seed, source)


@pytest.mark.parametrize("layout", ["stock", *LAYOUTS])
def test_lines_that_stock_reads_in_one_piece_come_in_their_order(layout: str, found: Any) -> None:
    rows = columns(0)
    (whole,) = found[layout][0]["whole of lines"]
    assert whole["names"] == rows["name"][:LINES]
    first: dict[int, int] = {}
    for row, key in enumerate(rows["key"][:LINES]):
        first.setdefault(key, row)
    ours = found[layout][0]["first of each of lines"]
    assert {row["key"]: row["id"] for row in ours} == first


@pytest.mark.parametrize("layout", ["stock", *LAYOUTS])
def test_sums_of_floats_differ_by_their_rounding_alone(layout: str, found: Any) -> None:
    for seed in SEEDS:
        of_keys = {**by_key(seed, "ratio"), None: columns(seed)["ratio"]}
        for name in ("grouped", "whole"):
            for source in ("one", "part")[: 1 + (seed == 0)]:
                for row in found[layout][seed][f"{name} of {source}"]:
                    values = of_keys[row.get("key")]
                    count = len(values)
                    sum_, square = math.fsum(values), math.fsum(value**2 for value in values)
                    assert abs(row["sum"] - sum_) <= rounding(values), (seed, name)
                    assert abs(row["mean"] - sum_ / count) <= rounding(values) / count
                    variance = (square - sum_**2 / count) / (count - 1)
                    error = rounding([value**2 for value in values])
                    assert abs(row["stddev"] ** 2 - variance) <= 4 * error / (count - 1)
