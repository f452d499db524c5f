"""The first queries of a runner answer before it has imported what Daft makes results of."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast.seams.check import release
from protoplast.seams.whole_plans import WHOLE_PLANS
from tests.queries.whole_queries import LARGE_ROWS, ROWS, apply, large, ran_whole, write
from tests.support.shared_driver import Scenarios

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        release(version("daft")) < release(WHOLE_PLANS.since),
        reason="no worker of this Daft runs a whole query",
    ),
]

CPUS = 2


def has_imported(_actor: Any) -> bool:
    from protoplast.seams import partition_results

    return partition_results.can_be_made()


def runner_has_imported() -> bool:
    import ray

    runner = ray.get_actor(protoplast.status().fleets[-1].name, namespace="daft")
    return bool(ray.get(runner.__ray_call__.remote(has_imported)))


def short_one(folder: str) -> Any:
    import daft

    write(Path(folder))
    rows = daft.read_parquet(f"{folder}/rows/*.parquet")
    apply()
    found = []
    for ids in (
        rows.sort("id").to_pydict()["id"],
        rows.where(daft.col("id") < 0).to_pydict()["id"],
    ):
        found.append([len(ids), ids == sorted(ids), ran_whole()])
        if len(found) == 1:
            found[0].append(runner_has_imported())
    deadline = time.monotonic() + 20
    while not runner_has_imported() and time.monotonic() < deadline:
        time.sleep(0.1)
    return [*found, [rows.count_rows(), ran_whole(), runner_has_imported()]]


def test_a_short_query_answers_without_the_import(scenarios: Scenarios, tmp_path: Path) -> None:
    first, empty, later = scenarios(short_one, str(tmp_path), cpus=CPUS)
    assert first == [ROWS, True, True, False]
    assert empty == [0, True, True]
    assert later == [ROWS, True, True]


def long_one(folder: str) -> Any:
    import daft

    large(Path(folder))
    apply()
    keys = daft.read_parquet(f"{folder}/*.parquet").sort("key").to_pydict()["key"]
    return [keys == list(range(LARGE_ROWS)), ran_whole(), runner_has_imported()]


def test_a_long_query_does_not_wait_for_its_end(scenarios: Scenarios, tmp_path: Path) -> None:
    assert scenarios(long_one, str(tmp_path), cpus=CPUS) == [True, True, True]


def at_once(folder: str) -> Any:
    import daft

    write(Path(folder))
    rows = daft.read_parquet(f"{folder}/rows/*.parquet")
    apply()
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(rows.where(daft.col("id") < of).count_rows) for of in range(24)]
        return [one.result() for one in asked]


def test_the_first_queries_may_come_at_once(scenarios: Scenarios, tmp_path: Path) -> None:
    assert scenarios(at_once, str(tmp_path), cpus=CPUS) == list(range(24))
