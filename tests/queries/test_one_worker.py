"""Under `auto` a native query that fits one worker runs there as one task, and answers as on stock."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast.seams.check import release
from protoplast.seams.whole_plans import WHOLE_PLANS
from tests.queries.whole_queries import (
    FILES,
    QUERIES,
    ROWS,
    apply,
    large,
    plans_run,
    ran_whole,
    watch_plans,
    write,
)
from tests.queries.whole_writes import slow_texts
from tests.support.fault_queries import end_cluster, start_cluster
from tests.support.held_cluster import TOKENS, held_cluster
from tests.support.process import RAY_RUNNER, ROOT, in_new_process
from tests.support.shared_driver import Scenarios

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        release(version("daft")) < release(WHOLE_PLANS.since),
        reason="no worker of this Daft runs a whole query",
    ),
]

CPUS = 2

# So many rows of a slow query take about a second of one core.
SLOW_ROWS = 150


def as_text(rows: list[dict[str, Any]], *, is_ordered: bool) -> list[str]:
    lines = [json.dumps(row, sort_keys=True, default=str) for row in rows]
    return lines if is_ordered else sorted(lines)


def answers(folder: str, *left_out: str) -> Any:
    """The answers of stock Daft and of `auto`, and whether each query ran as one task."""
    write(Path(folder))
    found: dict[str, Any] = {}
    for layout in (None, "auto"):
        if layout is not None:
            apply(layout)
            QUERIES["filter"](Path(folder))
            watch_plans()
        for name in QUERIES.keys() - left_out:
            before = len(plans_run()) if layout else 0
            rows = as_text(QUERIES[name](Path(folder)), is_ordered=name.startswith("sorted"))
            found.setdefault(name, []).append(rows)
            if layout:
                found[name].append(len(plans_run()) - before)
                found[name].append(ran_whole())
    return found


@pytest.fixture(scope="module")
def found(scenarios: Scenarios, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return scenarios(answers, str(tmp_path_factory.mktemp("rows")), cpus=CPUS, timeout=200)


@pytest.mark.parametrize("name", QUERIES)
def test_the_answer_is_stock_s_and_there_is_one_task(name: str, found: Any) -> None:
    stock, ours, tasks, is_whole = found[name]
    assert ours == stock
    assert stock
    assert is_whole
    assert tasks == 1


def answers_of_client(address: str, folder: str) -> Any:
    import ray

    ray.init(address, log_to_driver=False)
    # Ray Data does not run on a Ray Client (Ray 2.59.0), also with stock Daft.
    return answers(folder, "to_ray_dataset")


@pytest.mark.chaos
def test_a_ray_client_has_the_answers_of_stock(tmp_path: Path) -> None:
    # A Ray Client does not tell workers where the modules of tests are.
    settings = {**TOKENS, "PYTHONPATH": str(ROOT)}
    with held_cluster(settings, num_cpus=CPUS, memory=1 << 30) as reached:
        arguments = reached["client"], str(tmp_path)
        found = in_new_process(
            answers_of_client, *arguments, environment={**RAY_RUNNER, **TOKENS}, timeout=200
        )
    assert found.keys() == QUERIES.keys() - {"to_ray_dataset"}
    for name, (stock, ours, tasks, is_whole) in found.items():
        assert ours == stock, name
        assert (tasks, is_whole) == (1, True), name


def partitions_asked_for(rows: Any) -> list[int]:
    asked = (rows.into_partitions(3).collect(), rows.repartition(5, "key").collect())
    return [sum(1 for _ in of.iter_partitions()) for of in asked]


def others(folder: str) -> Any:
    """What does not run on one worker, each with the reason, and the partitions that are asked for."""
    import daft
    from daft.functions import monotonically_increasing_id

    write(Path(folder))
    apply()
    rows = daft.read_parquet(f"{folder}/rows/*.parquet")
    queries = {
        "into_partitions": rows.into_partitions(3),
        "repartition": rows.repartition(5, "key"),
        "ids": rows.with_column("id", monotonically_increasing_id()),
        "sample": rows.sample(0.5),
        "batches": rows.into_batches(10),
    }
    reasons = {name: protoplast.explain(query).reason for name, query in queries.items()}
    numbers = [partitions_asked_for(rows)]
    target = f"{folder}/written"
    rows.write_parquet(target)
    written = protoplast.status().queries[-1].reason
    apply("auto,one-worker=never")
    rows.count().collect()
    never = protoplast.status().queries[-1].reason
    apply("auto,one-worker=1KiB")
    limited = protoplast.explain(rows).reason
    apply("per-node")
    plain = protoplast.explain(rows).reason
    numbers.append(partitions_asked_for(rows))
    apply("per-node,one-worker=auto")
    chosen = protoplast.explain(rows).reason
    return [reasons, numbers, written, never, limited, plain, chosen]


def test_what_is_asked_of_partitions_holds(scenarios: Scenarios, tmp_path: Path) -> None:
    found = scenarios(others, str(tmp_path), cpus=CPUS)
    reasons, numbers, written, never, limited, plain, chosen = found
    named = {
        "into_partitions": "'IntoPartitions'",
        "repartition": "'Repartition'",
        "ids": "'MonotonicallyIncreasingId'",
        "sample": "'Sample'",
        "batches": "'IntoBatches'",
    }
    for name, operator in named.items():
        assert reasons[name].endswith(f"it runs in tasks because of {operator}"), reasons[name]
    ours, stock = numbers
    assert ours == stock
    assert ours[0] == 3
    assert written.endswith("the files that it writes, one for each of 4 tasks")
    assert never == "no Python code runs in its workers"
    assert limited.endswith("more than 'one-worker=1KiB'")
    assert "task" not in plain
    assert "it runs as one task on one worker" in chosen


def partitions(folder: str) -> Any:
    """The partitions of a collected result and of streamed ones, and whether their rows are in order."""
    import daft

    write(Path(folder))
    apply()
    # Daft lists the files of a folder in an order of its own.
    rows = daft.read_parquet([f"{folder}/rows/{part}.parquet" for part in range(FILES)])
    collected = rows.where(daft.col("id") >= 0).collect()
    is_whole = ran_whole()
    kept = sum(1 for _ in collected.iter_partitions())
    streamed = sum(1 for _ in rows.iter_partitions())
    ids = collected.to_pydict()["id"]
    return [is_whole, kept, streamed, ids == sorted(ids), len(ids)]


def test_a_collected_result_has_a_partition_for_each_slot(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    found = scenarios(partitions, str(tmp_path), cpus=CPUS)
    assert found == [True, CPUS, 1, True, ROWS]


def order() -> Any:
    """Whether rows keep their order behind a sort, and across the row groups of files."""
    import tempfile

    import daft

    apply()
    with tempfile.TemporaryDirectory() as folder:
        large(Path(folder))
        rows = daft.read_parquet([f"{folder}/{part}.parquet" for part in range(2)])
        read = rows.with_column("next", daft.col("id") + 1).to_pydict()
        is_whole = [ran_whole()]
        by_key = rows.sort("key").with_column("twice", daft.col("key") * 2).to_pydict()
        is_whole.append(ran_whole())
    return [
        is_whole,
        len(read["id"]),
        read["id"] == sorted(read["id"]),
        by_key["key"] == sorted(by_key["key"]),
        by_key["twice"] == [2 * key for key in by_key["key"]],
    ]


def test_rows_keep_their_order(scenarios: Scenarios) -> None:
    is_whole, rows, read, by_key, twice = scenarios(order, cpus=CPUS)
    assert is_whole == [True, True]
    assert rows > 2_000_000
    assert (read, by_key, twice) == (True, True, True)


def at_once(folder: str) -> Any:
    """Many queries at once on one worker, from threads: whether each answer is that of its query."""
    import daft

    write(Path(folder))
    apply()
    rows = daft.read_parquet(f"{folder}/rows/*.parquet")

    def below(bound: int) -> bool:
        ids = rows.where(daft.col("id") < bound).sort("id").to_pydict()["id"]
        return bool(ids == list(range(bound)))

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(below, range(1, 41)))


def test_queries_at_once_have_their_own_answers(scenarios: Scenarios, tmp_path: Path) -> None:
    assert scenarios(at_once, str(tmp_path), cpus=CPUS) == [True] * 40


def metadata(folder: str) -> Any:
    """The operators of the plan that a query's metadata show, and those that its statistics count."""
    import daft

    write(Path(folder))
    apply()
    rows = daft.read_parquet(f"{folder}/rows/*.parquet")
    found: Any = rows.groupby("key").agg(daft.col("id").count()).collect()._metadata

    def ids(node: dict[str, Any]) -> list[int]:
        children = [below for child in node.get("children", []) for below in ids(child)]
        return [int(node["id"]), *children]

    counted = [int(row["id"]) for row in found.to_recordbatch().to_pylist()]
    return [ran_whole(), sorted(ids(found.query_plan)), sorted(counted), found.query_id != ""]


def test_the_metadata_of_a_query_count_the_operators_of_its_plan(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    is_whole, planned, counted, has_id = scenarios(metadata, str(tmp_path), cpus=CPUS)
    assert is_whole
    assert len(planned) >= 2
    assert counted == planned
    assert has_id


def collected_frame(folder: str) -> Any:
    """A query on frames that another fleet has collected, and on one from this process."""
    import daft

    write(Path(folder))
    apply("per-core")
    rows = daft.read_parquet(f"{folder}/rows/*.parquet").collect()
    apply()
    labels = daft.from_pydict({"key": list(range(7)), "label": [f"l{key}" for key in range(7)]})
    joined = rows.join(labels, on="key").groupby("label").agg(daft.col("id").count().alias("n"))
    answer = joined.to_pydict()
    is_whole = ran_whole()
    again = joined.collect().where(daft.col("n") > 0).count_rows()
    # The same table twice, and a table that has no rows.
    twice = rows.concat(rows).count_rows()
    empty = rows.where(daft.col("id") < 0).collect()
    none = empty.concat(rows).count_rows()
    return [is_whole, sum(answer["n"]), len(answer["n"]), again, twice, none]


def test_a_query_reads_frames_of_every_fleet(scenarios: Scenarios, tmp_path: Path) -> None:
    found = scenarios(collected_frame, str(tmp_path), cpus=CPUS)
    assert found == [True, ROWS, 7, 7, 2 * ROWS, ROWS]


def grown_since(before: dict[str, list[str]]) -> list[int]:
    """How many plans each worker has run since."""
    return sorted(
        len(plans) - len(before[worker]) for worker, plans in plans_run(by_worker=True).items()
    )


def on_two_nodes(folder: str) -> Any:
    """Queries one after the other and at once run on both nodes; a query goes where its input is."""
    import daft

    write(Path(folder))
    cluster = start_cluster({"num_cpus": 1}, {"num_cpus": 1})
    try:
        apply("auto,startup=eager")
        rows = daft.read_parquet(f"{folder}/rows/*.parquet")
        rows.count_rows()
        watch_plans()
        for _ in range(4):
            assert rows.count_rows() == ROWS
        in_turn = plans_run(by_worker=True)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: slow_texts(SLOW_ROWS).collect(), range(4)))
        at_once = grown_since(in_turn)
        large(Path(folder))
        held = daft.read_parquet(f"{folder}/*.parquet").collect()
        before = plans_run(by_worker=True)
        for _ in range(3):
            held.where(daft.col("id") > 3).count_rows()
        return [sorted(map(len, in_turn.values())), at_once, grown_since(before)]
    finally:
        from protoplast.patches.daft_flotilla import rollback_flotilla_patches

        rollback_flotilla_patches()
        end_cluster(cluster)


def test_queries_spread_over_nodes_and_follow_their_input(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    in_turn, at_once, grown = scenarios(on_two_nodes, str(tmp_path), timeout=200)
    assert in_turn == at_once == [2, 2]
    assert grown == [0, 3]
