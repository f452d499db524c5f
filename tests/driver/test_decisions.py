"""Python code is found anywhere in a plan; no scan is split if an answer depends on it; no Ray runs."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast.driver import decisions
from protoplast.seams import daft as daft_seams
from protoplast.seams import ray as ray_seams
from protoplast.seams.check import release
from protoplast.seams.optional import MERGING, SPLITTING
from tests.support.process import ROOT, in_new_process

pytestmark = pytest.mark.skipif(
    release(version("daft")) < release(SPLITTING.since), reason="scans are not split for this Daft"
)

FILES = 40
CPUS = 8.0
NODE = {"NodeID": "node", "Alive": True, "Resources": {"CPU": CPUS, "memory": 32e9}}


class OneNode:
    """Stands for Ray, of which only the nodes are asked."""

    @staticmethod
    def nodes() -> list[dict[str, Any]]:
        return [NODE]


def decided(df: Any, layout: str = "auto") -> Any:
    ray_seams.cluster_can_grow = lambda: False
    query = decisions.Query(*daft_seams.plan_of(df))
    asked = protoplast.Layout.parse(layout)
    return decisions.plan_and_decide(asked, OneNode, query).decision


def write(path: Path, rows: int, groups: int) -> str:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"row": list(range(rows)), "text": [f"{row:050}" for row in range(rows)]})
    pq.write_table(table, path, row_group_size=rows // groups)
    return str(path)


def plans(folder: str) -> dict[str, Any]:
    """Plans with Python code at unusual places, and with none, over 40 files; the decision by name."""
    import daft
    from daft import Schema, col
    from daft.daft import ScanOperatorHandle, ScanTask
    from daft.io.scan import ScanOperator
    from daft.io.sink import DataSink
    from daft.logical.builder import LogicalPlanBuilder

    int64 = daft.DataType.int64()
    schema = Schema.from_pydict({"row": int64})

    @daft.func(return_dtype=int64)
    def doubled(row: int) -> int:
        return 2 * row

    @daft.udf(return_dtype=int64)
    def counted(rows: Any) -> Any:
        return [len(rows)]

    class Nothing(DataSink):
        def name(self) -> str:
            return "nothing"

        def schema(self) -> Schema:
            return schema

        def start(self) -> None: ...

        def write(self, micropartitions: Any) -> Any: ...

        def finalize(self, write_results: Any) -> Any: ...

    class Reader(ScanOperator):
        def schema(self) -> Schema:
            return schema

        def name(self) -> str:
            return "reader"

        def display_name(self) -> str:
            return "reader"

        def partitioning_keys(self) -> list[Any]:
            return []

        def can_absorb_filter(self) -> bool:
            return False

        def can_absorb_limit(self) -> bool:
            return False

        def can_absorb_select(self) -> bool:
            return False

        def multiline_display(self) -> list[str]:
            return ["reader"]

        def to_scan_tasks(self, pushdowns: Any) -> Any:
            for _ in range(FILES):
                yield ScanTask.python_factory_func_scan_task(
                    module="somebody.reader",
                    func_name="read",
                    func_args=(1,),
                    schema=schema._schema,
                    num_rows=None,
                    size_bytes=None,
                    pushdowns=pushdowns,
                    stats=None,
                    source_name="reader",
                )

    for part in range(FILES):
        write(Path(folder, f"{part:02}.parquet"), 10, 1)
    glob = f"{folder}/*.parquet"
    df = daft.read_parquet(glob)
    reader = ScanOperatorHandle.from_python_scan_operator(Reader())
    found = {
        "native": df.groupby("text").agg(col("row").sum()),
        "sink": daft.DataFrame(df.select("row")._builder.write_datasink("nothing", Nothing())),
        "source": daft.DataFrame(LogicalPlanBuilder.from_tabular_scan(scan_operator=reader)),
        "group": df.groupby("text").map_groups(counted(col("row"))),
        "key": df.groupby(doubled(col("row")).alias("key")).agg(col("text").max()),
        "sort": df.sort(doubled(col("row"))),
        "one list of files": daft.from_glob_path(glob).select(doubled(col("size"))),
        "one sum": df.agg(col("row").sum()).select(doubled(col("row"))),
    }
    return {name: [str(decided(of).layout), decided(of).reason] for name, of in found.items()}


def test_python_code_is_found_wherever_it_is(tmp_path: Path) -> None:
    found = in_new_process(plans, str(tmp_path))
    for name in ("native", "one list of files", "one sum"):
        layout, reason = found.pop(name)
        assert layout == "per-node", name
        assert ("no Python code" if name == "native" else "(1 of 1)") in reason, name
    assert {layout for layout, _ in found.values()} == {"per-core,startup=progressive"}, found
    assert "'somebody.reader:read'" in found["source"][1]


def narrow(folder: str) -> list[str]:
    import daft
    from daft.functions import monotonically_increasing_id

    one = daft.read_parquet(write(Path(folder, "one.parquet"), 1000, 20))

    @daft.udf(return_dtype=daft.DataType.int64(), num_cpus=2, memory_bytes=1 << 30)
    def wide(rows: Any) -> Any:
        return rows

    numbered = one.with_column("id", monotonically_increasing_id())
    return [
        str(decided(one.select(wide(one["row"])), "per-core").layout),
        str(decided(numbered.with_column("wide", wide(one["row"]))).hint),
    ]


@pytest.mark.parametrize("columns", [120, 28, 16])
def test_a_narrow_terminal_hides_nothing(columns: int, tmp_path: Path) -> None:
    """Daft wraps the text of a plan to the terminal, and breaks words that are wider."""
    answer = tmp_path / "answer.json"
    command = [sys.executable, "-m", "tests.support.process", __name__, "narrow"]
    master, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    try:
        subprocess.run(
            [*command, json.dumps([str(tmp_path)]), str(answer)],
            cwd=ROOT,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            check=True,
            timeout=60,
        )
    finally:
        os.close(terminal)
        os.close(master)
    layout, hint = json.loads(answer.read_text())
    assert layout == "cpus-per-worker=2"
    assert "may depend on how rows are grouped into tasks" in hint


def clustered(path: str, of_rows: Any) -> Any:
    """A source that says that all rows of a key are in one task."""
    from daft.io.clustering import ClusteringKeys
    from daft.io.source import DataSource, DataSourceTask

    class Clustered(DataSource):
        name = "clustered"
        schema = of_rows

        def get_clustering_keys(self) -> Any:
            return ClusteringKeys.hash("row")

        async def get_tasks(self, pushdowns: Any) -> Any:
            size = Path(path).stat().st_size
            yield DataSourceTask.parquet(
                path=path, schema=self.schema, pushdowns=pushdowns, size_bytes=size
            )

    return Clustered().read()


def told_apart(folder: str) -> dict[str, int]:
    """The scan tasks of queries over a file that could be cut into more than one."""
    import daft
    from daft.functions import monotonically_increasing_id

    path = write(Path(folder, "one.parquet"), 1000, 20)
    lines = Path(folder, "lines.jsonl")
    lines.write_text("".join(f'{{"row": {row}}}\n' for row in range(1000)))
    one, of_lines = daft.read_parquet(path), daft.read_json(str(lines))

    @daft.func(return_dtype=daft.DataType.int64())
    def doubled(row: int) -> int:
        return 2 * row

    queries = {
        "a file": one,
        "lines": of_lines,
        "a limit": of_lines.limit(5),
        "ids": one.with_column("id", monotonically_increasing_id()),
        "a sample": one.sample(fraction=0.5),
        "a cross join": one.join(daft.from_pydict({"a": [1, 2]}), how="cross"),
    }
    with contextlib.suppress(ImportError):  # An older Daft has neither of these two.
        from daft.functions import random_int

        queries["random"] = of_lines.with_column("random", random_int(0, 9, seed=7))
    with contextlib.suppress(ImportError):
        queries["clustered"] = clustered(path, one.schema())
    return {
        name: decided(df.with_column("twice", doubled(df["row"]))).scan_tasks
        for name, df in queries.items()
    }


def test_what_could_depend_on_the_tasks_keeps_them(tmp_path: Path) -> None:
    found = in_new_process(told_apart, str(tmp_path))
    for name in ("a file", "lines"):
        assert found.pop(name) > CPUS, name
    assert found == dict.fromkeys(found, 1)
    if version("daft") == daft_seams.NEWEST_DAFT:
        assert {"random", "clustered"} <= found.keys()


def models(folder: str) -> dict[str, list[Any]]:
    """The layout, the scan tasks and the reason of queries with classes that `one-copy` names or not."""
    import daft

    one = daft.read_parquet(write(Path(folder, "one.parquet"), 1000, 20))
    int64 = daft.DataType.int64()

    class Legacy:
        def __init__(self) -> None: ...

        def __call__(self, rows: Any) -> Any:
            return rows

    @daft.cls
    class Model:
        def __call__(self, row: int) -> int:
            return row

        @daft.method(return_dtype=int64)
        def embed(self, row: int) -> int:
            return row

    model: Any = Model()
    legacy: Any = daft.udf(return_dtype=int64)(Legacy)
    other: Any = daft.udf(return_dtype=int64)(lambda rows: rows)
    alone = one.select(legacy(one["row"]))
    queries = {
        "name": ("Legacy", alone),
        "path": (f"{__name__}.models.<locals>.Legacy", alone),
        "methods": ("Model", one.select(model(one["row"]).alias("a"), model.embed(one["row"]))),
        "another": ("Other", alone),
        "some": ("Legacy|Other", one.select(legacy(one["row"]).alias("a"), other(one["row"]))),
    }
    found = {}
    for label, (names, df) in queries.items():
        decision = decided(df, f"auto,one-copy={names}")
        found[label] = [str(decision.layout), decision.scan_tasks, decision.reason]
    return found


def test_a_class_in_one_copy_counts_as_native_work(tmp_path: Path) -> None:
    found = in_new_process(models, str(tmp_path))
    for label in ("another", "some"):
        layout, tasks, reason = found.pop(label)
        assert layout == "per-core,startup=progressive", label
        assert tasks > CPUS, label
        assert "holds the GIL" in reason, label
    for layout, tasks, reason in found.values():
        assert (layout, tasks) == ("per-node", 1)
        assert reason.endswith("runs in one copy per node, as 'one-copy' says")


def joined(folder: str) -> list[Any]:
    import daft

    one = daft.read_parquet(write(Path(folder, "one.parquet"), 1000, 20))
    fine = [write(Path(folder, f"fine{part}.parquet"), 2000, 200) for part in range(4)]

    @daft.func(return_dtype=daft.DataType.int64())
    def doubled(row: int) -> int:
        return 2 * row

    with_udf = one.with_column("twice", doubled(one["row"]))
    query = with_udf.join(daft.read_parquet(fine).select("row"), on="row")
    whole = decided(query)
    with daft.execution_config_ctx(max_sources_per_scan_task=5):
        own = decided(with_udf).hint
    return [decided(with_udf).scan_tasks, whole.scan_tasks, whole.hint, own]


def test_a_split_does_not_cut_other_scans_to_pieces(tmp_path: Path) -> None:
    alone, beside, hint, own = in_new_process(joined, str(tmp_path))
    assert alone > 8
    assert beside == 5, "as on stock: its options are for all scans of a query"
    assert "would also split the many other files" in hint
    assert "by Daft's options that you have set" in own


class Printed:
    """Stands for a plan, and for the builder of one."""

    def __init__(self, text: str) -> None:
        self.text = text

    def repr_ascii(self, _simple: bool) -> str:
        return self.text


def merged_elsewhere() -> list[Any]:
    """Which plans are made of small files in a store, whether the one that runs is shown, its tasks."""
    from daft.context import get_context

    ray_seams.cluster_can_grow = lambda: False
    splits: list[bool] = []

    def make(_builder: Any, config: Any) -> Printed:
        splits.append(config.enable_scan_task_split_and_merge)
        return Printed(
            "* UDF f:\n|   Resource request = None\n|\n* ScanTaskSource:\n"
            f"|   Num Scan Tasks = {80 if splits[-1] else 800}\n|   Estimated Scan Bytes = 8000\n"
            "|   Scan Tasks: [\n|   {File {s3://bucket/a.parquet}}\n|   ]\n"
        )

    query = decisions.Query(Printed(""), make, get_context().daft_execution_config)
    planned = decisions.plan_and_decide(protoplast.Layout.auto(), OneNode, query)
    return [splits, planned.shown is planned.plan, planned.decision.scan_tasks]


@pytest.mark.skipif(
    release(version("daft")) < release(MERGING.since), reason="files are not merged for this Daft"
)
def test_merged_files_of_a_store_are_planned_once_and_shown_as_they_run() -> None:
    assert in_new_process(merged_elsewhere) == [[False, True], True, 80]
