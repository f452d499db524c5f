"""A profile has every task of a query once, with its times, worker, rows and functions."""

from __future__ import annotations

import threading
from importlib.metadata import version
from typing import Any

import pytest

from protoplast.seams.check import release
from protoplast.seams.profiling.tasks import NOTES
from tests.profiling.facts import good, record_of, with_functions
from tests.support.shared_driver import Scenarios

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        release(version("daft")) < release(NOTES.since),
        reason="the workers of this Daft do not say when they begin a task",
    ),
]

CPUS = 2
PARTS = 12
ROWS = 120


def table() -> Any:
    import daft

    return daft.from_pydict({"a": list(range(ROWS))}).into_partitions(PARTS)


def doubled(seconds: float = 0.0) -> Any:
    import daft

    @daft.func(return_dtype=daft.DataType.int64())
    def double(a: int) -> int:
        import time

        until = time.thread_time() + seconds
        while time.thread_time() < until:
            pass
        return 2 * a

    return table().with_column("b", double(daft.col("a")))


def udf_tasks(layout: str, seconds: float) -> Any:
    """The tasks that ran a function; the profile keeps the answer."""
    import protoplast
    from protoplast.patches.auto_patch import patched_daft
    from tests.support.queries import nothing_is_learnt

    with patched_daft(layout), nothing_is_learnt():
        df = doubled(seconds)
        profile = protoplast.profile(df)
        record = record_of(profile)
        assert sorted(df.to_pydict()["b"]) == [2 * a for a in range(ROWS)]
        assert record["layout"] in str(profile)
        tasks = [task for task in good(record) if task["functions"]]
        workers = protoplast.status().workers
        assert {worker["id"] for worker in record["workers"]} == {one.worker_id for one in workers}
        return {
            "tasks": len(tasks),
            "rows": sum(task["rows"] for task in tasks),
            "stages": len({task["stage"] for task in tasks}),
            "functions": sorted({name for task in tasks for name in task["functions"]}),
            "cpu_s": sum(task["cpu_us"] for task in tasks) / 1e6,
            "node_cpu_s": sum(node["cpu_us"] for node in record["nodes"]) / 1e6,
            "peak": min(worker["peak_bytes"] or 0 for worker in record["workers"]),
            "held": max(worker["gil"]["held"] for worker in record["workers"]),
            "samples": min(worker["gil"]["samples"] for worker in record["workers"]),
            "layout": record["layout"],
            "accounted": profile.accounted,
        }


@pytest.mark.parametrize("layout", ["per-core", "per-node"])
@pytest.mark.parametrize("seconds", [0.0, 0.005], ids=["light", "heavy"])
def test_tasks_of_a_function(layout: str, seconds: float, scenarios: Scenarios) -> None:
    found = scenarios(udf_tasks, layout, seconds, cpus=CPUS)
    assert found["tasks"] == PARTS
    assert found["rows"] == ROWS
    assert found["stages"] == 1
    assert len(found["functions"]) == 1
    assert "double" in found["functions"][0]
    assert found["layout"] == layout
    assert found["peak"] > 10 << 20
    assert found["cpu_s"] >= 0.8 * seconds * ROWS
    assert found["node_cpu_s"] >= 0.8 * seconds * ROWS - 0.1
    assert found["accounted"] >= 0.95
    assert found["samples"] > 0
    if seconds:  # The loops hold the GIL.
        assert found["held"] > 0.2


def whole_query() -> Any:
    import daft

    import protoplast
    from protoplast.patches.auto_patch import patched_daft

    df = daft.from_pydict({"a": list(range(ROWS))})
    with patched_daft("auto"):
        record = record_of(protoplast.profile(df.sum("a"), title="the sum"))
    (task,) = good(record)
    return [record["title"], record["layout"], task["rows"], task["slots"], task["name"]]


def test_a_whole_query_is_one_task(scenarios: Scenarios) -> None:
    title, layout, rows, slots, name = scenarios(whole_query, cpus=CPUS)
    assert title == "the sum"
    assert layout == "per-node"
    assert rows == 1
    assert slots == CPUS
    assert "Agg" in name


def grouped() -> Any:
    import daft

    import protoplast
    from protoplast.patches.auto_patch import patched_daft

    with patched_daft("per-core"):
        df = table().with_column("key", daft.col("a") % 7).groupby("key").agg(daft.col("a").sum())
        record = record_of(protoplast.profile(df))
    tasks = good(record)
    last = max(task["stage"] for task in tasks)
    return {
        "failed": len(record["tasks"]) - len(tasks),
        "stages": last + 1,
        "rows": sum(task["rows"] for task in tasks if task["stage"] == last),
        "can_repartition": record["can_repartition"],
    }


def test_stages_of_a_shuffle(scenarios: Scenarios) -> None:
    found = scenarios(grouped, cpus=CPUS)
    assert found["failed"] == 0
    assert found["stages"] >= 2
    assert found["rows"] == 7
    assert not found["can_repartition"]


def failing() -> Any:
    import daft

    import protoplast
    from protoplast.patches.auto_patch import patched_daft

    @daft.func(return_dtype=daft.DataType.int64())
    def fails(a: int) -> int:
        if a > ROWS // 2:
            raise ValueError("this function fails")
        return a

    with patched_daft("per-core"):
        raised = ""
        try:
            with protoplast.profiled() as found:
                table().with_column("b", fails(daft.col("a"))).collect()
        except Exception as error:
            raised = str(error)
        record = record_of(found.profile)
    return [raised, len(record["tasks"]), sum(task["failed"] for task in record["tasks"])]


def test_a_failing_query_raises_its_error_and_has_a_profile(scenarios: Scenarios) -> None:
    raised, tasks, failed = scenarios(failing, cpus=CPUS)
    assert "this function fails" in raised
    assert 1 <= failed <= tasks


def abandoned() -> Any:
    import protoplast
    from protoplast.patches.auto_patch import patched_daft

    with patched_daft("per-core"):
        with protoplast.profiled() as found:
            rows = doubled(0.01).iter_rows()
            next(rows)
        left = record_of(found.profile)
        rows.close()
        with protoplast.profiled() as found:
            doubled().collect()
        after = record_of(found.profile)
    return [len(left["tasks"]), left["delivered_us"], len(with_functions(after))]


def test_a_query_that_is_not_read_to_its_end(scenarios: Scenarios) -> None:
    tasks, delivered, after = scenarios(abandoned, cpus=CPUS)
    assert tasks >= 1
    assert delivered is None
    assert after == PARTS


def two_threads() -> Any:
    import protoplast
    from protoplast.patches.auto_patch import patched_daft

    found: dict[int, list[int]] = {}

    def run(number: int) -> None:
        with protoplast.profiled() as profiles:
            doubled(0.003).collect()
            if number:
                doubled(0.003).collect()
        found[number] = [
            sum(task["rows"] for task in with_functions(record_of(profile)))
            for profile in profiles.profiles
        ]

    with patched_daft("per-core"):
        threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return [found[0], found[1]]


def test_two_threads_at_once_have_their_own_queries(scenarios: Scenarios) -> None:
    assert scenarios(two_threads, cpus=CPUS) == [[ROWS], [ROWS, ROWS]]


def class_udf(path: str) -> Any:
    from pathlib import Path

    import protoplast
    from protoplast.patches.auto_patch import patched_daft
    from tests.support.classes.class_udfs import KINDS, ROWS, answer, expected, rows_of, write

    name, folder = next(iter(KINDS)), Path(path)
    write(folder)
    with patched_daft("per-core"):
        query = KINDS[name](rows_of(folder, "memory"), f"{folder}/log")
        with protoplast.profiled() as found:
            is_right = answer(query) == expected(name)
        record = record_of(found.profile)
    tasks = [task for task in good(record) if task["functions"]]
    return [is_right, sum(task["rows"] for task in tasks), ROWS, len(tasks)]


def test_tasks_of_a_class_that_wait_for_its_instance(scenarios: Scenarios, tmp_path: Any) -> None:
    is_right, rows, expected_rows, tasks = scenarios(class_udf, str(tmp_path), cpus=CPUS)
    assert is_right
    assert rows == expected_rows
    assert tasks > 1


def left_behind() -> Any:
    """What a profile leaves in the runner and the workers."""
    import ray

    import protoplast
    from protoplast.driver.fleets import FLEETS
    from protoplast.patches.auto_patch import patched_daft
    from protoplast.runner import calls
    from tests.support.fault_queries import wait_for

    with patched_daft("per-core"):
        doubled().collect()
        (fleet,) = FLEETS.live()
        workers = ray.get(fleet.ask(calls.report)).workers

        def state() -> list[Any]:
            asked = [one.actor.__ray_call__.remote(executor_of) for one in workers]
            return [ray.get(fleet.ask(submits)), *ray.get(asked)]

        before = state()
        with protoplast.profiled():
            doubled().collect()
            # The query has ended, though the block has not.
            has_left = wait_for(lambda: state() == before)
        after = state()
    return [before, has_left, after]


def executor_of(actor: Any) -> list[Any]:
    return [type(actor.native_executor).__name__, "_resolve_inputs" in vars(actor)]


def submits(_actor: Any) -> list[bool]:
    from protoplast.runner.profiling.recording import RECORDING

    return ["submit_task" in vars(one.handle) for one in RECORDING._workers.values()]


def test_nothing_is_left_in_the_way_of_tasks(scenarios: Scenarios) -> None:
    before, has_left, after = scenarios(left_behind, cpus=CPUS)
    assert before == after
    assert before == [[False] * CPUS, *[["NativeExecutor", False]] * CPUS]
    assert has_left


def refusals() -> Any:
    import protoplast
    from protoplast.patches.auto_patch import patched_daft

    said = []
    for query in (doubled(), 3):
        try:
            protoplast.profile(query)
        except protoplast.NotInEffectError as error:
            said.append(str(error))
    with patched_daft("per-core"):
        try:
            protoplast.profile(table().collect())
        except protoplast.NotInEffectError as error:
            said.append(str(error))
        with protoplast.profiled() as found:
            try:
                found.profile  # noqa: B018
            except protoplast.NotInEffectError as error:
                said.append(str(error))
    return said


def test_what_cannot_be_profiled_is_said(scenarios: Scenarios) -> None:
    unpatched, number, collected, early = scenarios(refusals, cpus=CPUS)
    assert "the patch is not applied" in unpatched
    assert "not 3" in number
    assert "no query ran" in collected
    assert "has ended" in early
