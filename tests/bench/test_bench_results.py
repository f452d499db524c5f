"""Each published figure of the bench is that of the file that is cited above it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.report.published import read
from bench.report.summary import Summary
from tests.support.process import ROOT

RESULTS = ROOT / "bench" / "results"
# The sections that have such tables, and what those of a section without links are from.
SECTIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("auto.md", "Measured"): (),
    ("models.md", "Measured"): ("models.json",),
    ("choosing.md", "What it is worth"): ("gil.json", "mixed.json", "native.json"),
}
LINK = re.compile(r"\]\(\.\./bench/results/([\w/]+\.json)\)")

# Systems as tables call them.
SYSTEMS = {
    "stock": "stock",
    "per-core": "per-core",
    "`auto`": "auto",
    "native runner": "native",
    "`use_process`": "use_process",
    "`max_concurrency`": "max_concurrency",
    "Ray Data": "ray-data",
    "Dask": "dask",
    "limit": "limit",
    "the limit of two cores": "limit",
}
TPCH = [f"native/q{number:02}" for number in range(1, 23)]
# Workloads as rows call them; the seconds of several are added.
ROWS = {
    "tokenise, 64 files": ["gil/tokenise"],
    "a source in Python that parses VCF": ["gil/vcf"],
    "half numpy, half Python": ["gil/half_numpy"],
    "tokenise, one file of 60 row groups": ["gil/one_parquet"],
    "the UDF first, over the text of a large table": ["mixed/udf_first"],
    "joins and groupbys first, the UDF over their small result": ["mixed/small_result"],
    "the UDF between a join and a groupby": ["mixed/udf_between"],
    "mixed, the UDF first": ["mixed/udf_first"],
    "mixed, the UDF over a small result": ["mixed/small_result"],
    "mixed, the UDF between a join and a groupby": ["mixed/udf_between"],
    **{f"{cpus}": [f"cold/{cpus}_cpus"] for cpus in (2, 4, 8, 16)},
    "sums of 1,000 groups": ["cold/native_4_cpus"],
    **{f"first answer, {cpus} CPUs": [f"cold/{cpus}_cpus"] for cpus in (2, 4, 8, 16)},
    **{f"Q{number}": [TPCH[number - 1]] for number in range(1, 23)},
    "all": TPCH,
    "600 partitions collected": ["native/many_results"],
    "one file of 80 row groups, light work": ["models/file_light"],
    "64 files, light work": ["models/files_light"],
    "a table of 40 partitions, light work": ["models/table_light"],
    "one file of 80 row groups, heavy work": ["models/file_heavy"],
    "64 files, heavy work": ["models/files_heavy"],
    "a table of 40 partitions, heavy work": ["models/table_heavy"],
    "one file of 80 row groups, `embed_text`": ["models/embed"],
    "TPC-H, all 22 (`per-core` one round)": TPCH,
    "TPC-H, all 22 queries, no Python code": TPCH,
}


@dataclass(frozen=True)
class Table:
    """A table of a document, and the results that it is from."""

    document: str
    line: int
    files: tuple[str, ...]
    rows: list[list[str]]

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def tables(document: str, section: str, files: tuple[str, ...]) -> Iterator[Table]:
    lines = (ROOT / "docs" / document).read_text().splitlines()
    first = lines.index(f"## {section}")
    links: list[str] = []
    rows: list[list[str]] = []
    for at, line in enumerate([*lines[first + 1 :], "## "], first + 2):
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if rows:
            # A table without links is from the same files as the one before.
            files = tuple(links) or files
            yield Table(document, at - len(rows), files, rows)
            links, rows = [], []
        if line.startswith("## "):
            return
        links += LINK.findall(line)


TABLES = [table for section, files in SECTIONS.items() for table in tables(*section, files)]


class Measured:
    """The seconds that a row is about.

    Args:
        files: The results that it is from.
        paths: Its workloads.
        at_one_pace: It says what a machine of one pace would have had.
    """

    def __init__(self, files: Iterable[str], paths: list[str], at_one_pace: bool) -> None:
        known = {f"{of.family}/{of.name}": of for file in files for of in read(RESULTS / file)}
        self.workloads = [known[path].systems for path in paths]
        self.at_one_pace = at_one_pace

    def seconds(self, column: str) -> float:
        """The medians of a system, added.

        Raises:
            KeyError: It did not run them.
        """
        if column == "the better one":
            return min(self.seconds("stock"), self.seconds("per-core"))
        figures = [systems[SYSTEMS[column]] for systems in self.workloads]
        each = [of.at_one_pace_s if self.at_one_pace else of.median_s for of in figures]
        return sum(second for second in each if second is not None)

    def right(self, column: str, figure: str) -> float:
        """What a figure should be; "1.02 of stock" says itself what it is a part of.

        Raises:
            KeyError: The system did not run the workloads.
        """
        if column == "rounds":
            return self.workloads[0]["auto"].rounds
        if " of " in figure:
            return self.seconds("`auto`") / self.seconds(figure.partition(" of ")[2])
        if column.endswith(" of the limit"):
            return self.seconds("limit") / self.seconds(column.removesuffix(" of the limit"))
        one, is_ratio, other = column.partition(" / ")
        return self.seconds(one) / self.seconds(other) if is_ratio else self.seconds(one)


def wrong_cells(table: Table) -> Iterator[str]:
    title, *columns = table.rows[0]
    for label, *figures in table.rows[2:]:
        own = LINK.findall(label)
        paths = ROWS[title if own else label.removeprefix("TPC-H tables, ")]
        measured = Measured(own or table.files, paths, title == "at one pace")
        for column, figure in zip(columns, figures, strict=True):
            said = figure.partition(" ")[0]
            try:
                right = f"{measured.right(column, figure):.{len(said.partition('.')[2])}f}"
            except KeyError:
                right = "-"
            if said != right:
                yield f"{label}, {column}: {said} is {right}"


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_figures_of_tables_are_those_of_the_results(table: Table) -> None:
    assert list(wrong_cells(table)) == []


def test_loads_and_memory_of_models_are_those_of_the_results() -> None:
    rows = {
        cells[0]: cells[1:]
        for table in tables("models.md", "Loads and memory", ("models.json",))
        for cells in table.rows[2:]
    }
    named = {
        "stock": "stock",
        "`auto`": "auto",
        "`use_process`": "use_process",
        "Ray Data": "ray-data",
    }
    found = {}
    for summary in summaries("models.json"):
        (label,) = (row for row, paths in ROWS.items() if paths == [f"models/{summary.name}"])
        found[label] = [
            f"{summary.footprints[system].loads}, {summary.footprints[system].peak_mb} MB"
            if system in summary.footprints
            else "-"
            for system in named.values()
        ]
    assert rows == found


def test_each_file_is_cited_and_small() -> None:
    text = "".join(file.read_text() for file in (ROOT / "docs").glob("*.md"))
    cited = {RESULTS / file for file in LINK.findall(text)}
    assert {file for file in RESULTS.rglob("*") if file.is_file()} == cited
    assert sum(len(file.read_text().splitlines()) for file in cited) < 250


def summaries(file: str) -> list[Summary]:
    return read(RESULTS / file)


def words(document: Path) -> str:
    """The text in one line, without the targets of links."""
    return " ".join(re.sub(r"\]\([^)]*\)", "]", document.read_text()).split())


def test_figures_of_the_readme_are_those_of_the_results() -> None:
    gil, mixed = (
        sorted(of.ratio("stock", "auto") or 0 for of in summaries(file))
        for file in ("gil.json", "mixed.json")
    )
    native = Measured(["native.json"], TPCH, at_one_pace=False)
    cold = Measured(["cold.json"], ["cold/16_cpus"], at_one_pace=False)
    assert (
        f"GIL-bound work was {gil[0]:.2f} to {gil[-1]:.2f} times as fast as on stock, "
        f"mixed queries {mixed[0]:.2f} to {mixed[-1]:.2f} times, and TPC-H at scale factor 1 took "
        f"{native.right('`auto` / stock', ''):.2f} times as long in all. "
        f"The first answer of a new process took {cold.seconds('`auto`'):.2f} s on a node of 16 CPUs, "
        f"where stock took {cold.seconds('stock'):.2f} s "
        f"and `per-core` {cold.seconds('per-core'):.1f} s."
    ) in words(ROOT / "README.md")


def test_figures_of_the_text_are_those_of_the_results() -> None:
    text = words(ROOT / "docs" / "auto.md")
    native = Measured(["native.json"], TPCH, at_one_pace=False)
    of_native = native.right("`auto` / native runner", "")
    assert f"takes {of_native:.2f} of the native runner's time in all" in text
    times = [f"{native.seconds(column):.1f}" for column in ("stock", "`auto`", "native runner")]
    assert f"took {times[0]}, {times[1]} and {times[2]} s" in text
    noisy = [
        json.loads((RESULTS / file).read_text())["noisy_turns"]
        for file in ("gil.json", "in_tasks.json")
    ]
    said = [(str(of["noisy"]), str(of["turns"])) for of in noisy]
    assert re.findall(r"(\d+) turns of (\d+) were|other run (\d+) of (\d+)", text) == [
        (*said[0], "", ""),
        ("", "", *said[1]),
    ]
    shared = {of.name: of.ratio("auto", "stock") or 0 for of in summaries("shared/native.json")}
    slowest = max(shared, key=lambda name: shared[name])
    assert (
        f"The slowest query of the 22 beside stock was {slowest.upper()}, at {shared[slowest]:.3f}; "
        f"Q20 took {shared['q20']:.3f}."
    ) in text
