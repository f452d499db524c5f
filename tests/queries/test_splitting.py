"""Scans of Python code are split for that query alone, so that every slot has work."""

from __future__ import annotations

import logging
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast.seams import scan_options as scans
from protoplast.seams.check import release
from protoplast.seams.optional import MERGING, SPLITTING
from tests.support.queries import nothing_is_learnt
from tests.support.shared_driver import Scenarios

CPUS = 2
DAFT = release(version("daft"))
# How many processes read a file: one per CPU if this Daft can split scans and gets the rows right.
SPLIT = CPUS if release(SPLITTING.since) <= DAFT else 1
# Whether one thread reads a file in its order.
IN_ORDER = release(MERGING.since) <= DAFT
ROWS = 1600


def write(folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"row": list(range(ROWS)), "text": [f"{row:050}" for row in range(ROWS)]})
    pq.write_table(table, folder / "groups.parquet", row_group_size=ROWS // 16)
    pq.write_table(table, folder / "one.parquet", row_group_size=ROWS)
    pq.write_table(table.slice(0, 1470), folder / "even.parquet", row_group_size=35)
    (folder / "lines.jsonl").write_text("".join(f'{{"row": {row}}}\n' for row in range(ROWS)))
    (folder / "lines.csv").write_text("row\n" + "".join(f"{row}\n" for row in range(ROWS)))


def with_pid(df: Any, *columns: str) -> Any:
    import daft

    @daft.func(return_dtype=daft.DataType.int64())
    def pid(_row: int) -> int:
        import os
        import time

        time.sleep(0.001)
        return os.getpid()

    return df.select("row", *columns, pid(daft.col("row")).alias("pid"))


def ran(df: Any) -> tuple[bool, int]:
    """Whether the rows came in their order, and how many processes did them."""
    answer = with_pid(df).to_pydict()
    assert sorted(answer["row"]) == list(range(ROWS))
    return answer["row"] == list(range(ROWS)), len(set(answer["pid"]))


class Splits(logging.Handler):
    """Counts how often the scans of a query were split in another way."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        logger = logging.getLogger("protoplast.driver.decisions")
        logger.setLevel(logging.DEBUG)
        logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.count += record.getMessage().startswith("planning with scans split at")


def scan_options() -> list[Any]:
    import daft.context

    config = daft.context.get_context().daft_execution_config
    return [config.enable_scan_task_split_and_merge, config.scan_tasks_max_size_bytes]


def told_after(df: Any, seconds: float) -> str | None:
    """The hint that is kept of a query that took so long."""
    from protoplast.driver import recent

    class Clock:
        now = 0.0

        def monotonic(self) -> float:
            self.now += seconds
            return self.now

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recent, "time", Clock())
        ran(df)
    return protoplast.status().queries[-1].hint


@nothing_is_learnt()
def splitting(folder: str) -> dict[str, Any]:
    import daft
    from daft.functions import monotonically_increasing_id

    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    write(Path(folder))
    groups, one = f"{folder}/groups.parquet", f"{folder}/one.parquet"
    before = scan_options()
    found: dict[str, Any] = {"stock": ran(daft.read_parquet(groups))}
    for layout in ("auto,startup=eager", "per-core"):
        apply_flotilla_patches(layout)
        found[layout] = ran(daft.read_parquet(groups))
    apply_flotilla_patches("auto,startup=eager")
    # With a part of the columns, and through a filter, a limit and a sort.
    found["filtered"] = with_pid(
        daft.read_parquet(groups).where(daft.col("row") % 100 == 7).sort("row", desc=True)
    ).to_pydict()["row"]
    found["limited"] = with_pid(daft.read_parquet(groups).limit(40)).to_pydict()["row"]
    splits = Splits()
    even = daft.read_parquet(f"{folder}/even.parquet")
    found["even"] = protoplast.explain(with_pid(even)).reason
    found["splits"] = splits.count
    found["hints"] = {
        name: protoplast.explain(with_pid(df)).hint
        for name, df in {
            "groups": daft.read_parquet(groups),
            "one": daft.read_parquet(one),
            "csv": daft.read_csv(f"{folder}/lines.csv"),
            "memory": daft.from_pydict({"row": [1]}),
        }.items()
    }
    found["one"] = ran(daft.read_parquet(one))
    found["told"] = {seconds: told_after(daft.read_parquet(one), seconds) for seconds in (0, 60)}
    numbered = daft.read_parquet(groups).with_column("id", monotonically_increasing_id())
    found["ids"] = with_pid(numbered, "id").to_pydict()["id"]
    found["hints"]["ids"] = protoplast.explain(with_pid(numbered, "id")).hint
    found["lines"] = ran(daft.read_json(f"{folder}/lines.jsonl"))
    found["unchanged"] = scan_options() == before
    config = daft.context.get_context().daft_execution_config
    found["own"] = {}
    for name, value in {
        "scan_tasks_max_size_bytes": 1 << 40,
        # Set to what they are by default, which is set all the same.
        "max_sources_per_scan_task": config.max_sources_per_scan_task,
        "enable_scan_task_split_and_merge": False,
    }.items():
        with daft.execution_config_ctx(**{name: value}):
            found["own"][name] = ran(daft.read_parquet(groups))[1]
    found["own no more"] = ran(daft.read_parquet(groups))[1]
    apply_flotilla_patches("auto,startup=eager,split=false")
    found["split=false"] = ran(daft.read_parquet(groups))[1]
    found["hints"]["split=false"] = protoplast.explain(with_pid(daft.read_parquet(groups))).hint
    return found


@pytest.mark.skipif(release("0.7.1") > DAFT, reason="this Flotilla follows no options for scans")
def test_one_file_of_many_row_groups_gives_every_slot_work(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    found = scenarios(splitting, str(tmp_path), cpus=CPUS)
    # Stock's threads mix the row groups of a task.
    assert found["stock"][1] == 1
    for layout in ("auto,startup=eager", "per-core"):
        is_ordered, processes = found[layout]
        assert processes == SPLIT
        assert is_ordered or not IN_ORDER
    if SPLIT > 1:
        # Of 42 row groups, three a task; of two, one would be left for one slot at the end.
        assert "in 14 tasks" in found["even"]
        assert found["splits"] == 1, "its row groups are known, so the first try hits"
    assert found["filtered"] == list(range(ROWS - 93, 0, -100))
    assert found["limited"] == list(range(40))
    assert found["one"][1] == 1
    assert sorted(found["ids"]) == list(range(ROWS)), "ids count by task"
    assert "'MonotonicallyIncreasingId' may depend on" in found["hints"]["ids"]
    assert found["lines"] == [True, SPLIT]
    assert found["unchanged"], "for that query alone"
    assert found["own"] == dict.fromkeys(found["own"], 1), "the user's own setting wins"
    assert found["own no more"] == SPLIT
    assert found["split=false"] == 1
    assert "because the layout has 'split=false'" in found["hints"]["split=false"]
    hints = found["hints"]
    assert (hints["groups"] is None) == (SPLIT > 1)
    for name in ("one", "csv"):
        cause = "its files are not split" if SPLIT > 1 else "this release of Daft does not split"
        assert f"in 1 task on 2 slots, because {cause}" in hints[name]
        assert "df.into_partitions(2)" in hints[name]
    assert "the in-memory table" in hints["memory"]
    # As many seconds are what JSON makes of them.
    assert found["told"]["0"] is None, "what was over at once needs no hint"
    # In some releases each UDF has another name.
    said, expected = (
        hint.partition(" runs in ")[2] for hint in (found["told"]["60"], hints["one"])
    )
    assert said == expected
    assert said


def test_row_groups_are_read_where_they_can_be(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    write(tmp_path)
    groups, one = str(tmp_path / "groups.parquet"), str(tmp_path / "one.parquet")
    sizes = scans.row_groups([groups, one])
    assert [len(of_file) for of_file in sizes] == [16, 1]
    # The footer, and the marks at both ends, are no row group's.
    assert 0.5 < sum(sizes[0]) / Path(groups).stat().st_size < 1
    assert scans.row_groups([]) == []
    assert scans.row_groups([groups, str(tmp_path / "lines.csv")]) == []
    assert scans.row_groups([groups, str(tmp_path / "none.parquet")]) == []
    wide = tmp_path / "wide.parquet"
    table = pa.table({f"column {number}": range(100) for number in range(101)})
    pq.write_table(table, wide, row_group_size=1)
    assert scans.row_groups([str(wide)]) == [], "it would take long"
