"""How long Python code takes is learnt from a query, and decides how the next one is cut into tasks."""

from __future__ import annotations

import re
import time
from importlib.metadata import version
from typing import Any

import pytest

import protoplast
from protoplast.patches.daft_flotilla import apply_flotilla_patches
from protoplast.seams.check import release
from protoplast.seams.optional import STATISTICS
from tests.support.shared_driver import Scenarios

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        release(version("daft")) < release(STATISTICS.since),
        reason="the statistics of this Daft are not read",
    ),
]

CPUS = 4
ROWS = 8_000
ROW_GROUPS = 80


def tasks_of(reason: str) -> int:
    if "one task on one worker" in reason:
        return 1
    found = re.search(r"in (\d+) tasks", reason)
    assert found, reason
    return int(found[1])


def learned(folder: str) -> Any:
    """The tasks of two queries of a light, a heavy and a limited UDF each, and their answers."""
    import daft
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = f"{folder}/rows.parquet"
    rows = pa.table({"row": range(ROWS)})
    pq.write_table(rows, file, row_group_size=ROWS // ROW_GROUPS)
    apply_flotilla_patches("auto")

    @daft.func.batch(return_dtype=daft.DataType.int64())
    def light(rows: Any) -> Any:
        return rows + daft.Series.from_pylist([1])

    @daft.func
    def heavy(row: int) -> int:
        until = time.perf_counter() + 0.0005
        while time.perf_counter() < until:
            pass
        return row + 1

    @daft.func
    def first(row: int) -> int:
        return row + 1

    def query(udf: Any) -> Any:
        return daft.read_parquet(file).select(udf(daft.col("row")).alias("row"))

    def run(udf: Any) -> list[int]:
        answer = sum(query(udf).to_pydict()["row"])
        return [tasks_of(protoplast.status().queries[-1].reason), answer]

    found = {"light": [run(light), run(light)], "heavy": [run(heavy), run(heavy)]}
    query(light).limit(5).collect()
    found["light"].append(run(light))
    query(first).limit(5).collect()
    found["first"] = [run(first)]
    return found


@pytest.fixture(scope="module")
def found(scenarios: Scenarios, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return scenarios(learned, str(tmp_path_factory.mktemp("rows")), cpus=CPUS, timeout=200)


def test_light_code_runs_as_one_task_once_it_is_known(found: Any) -> None:
    unknown, known, after_a_limit = (tasks for tasks, _ in found["light"])
    assert unknown >= 8 * CPUS
    assert known == 1
    assert after_a_limit == 1


def test_heavy_code_has_several_tasks_a_slot(found: Any) -> None:
    unknown, known = (tasks for tasks, _ in found["heavy"])
    assert unknown >= 8 * CPUS
    # Whole row groups are in a task: five of 80 if 17 to 20 tasks are wanted.
    assert known >= 4 * CPUS


def test_a_query_that_is_cut_short_teaches_nothing(found: Any) -> None:
    assert found["first"][0][0] >= 8 * CPUS


def test_the_answers_are_the_same(found: Any) -> None:
    answers = {answer for runs in found.values() for _, answer in runs}
    assert answers == {sum(range(1, ROWS + 1))}
