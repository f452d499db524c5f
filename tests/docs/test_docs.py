"""Every snippet of the README and the other documents runs as it stands, in a folder of its own."""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from protoplast import Layout
from protoplast._core import LAYOUT_VARIABLE
from protoplast.seams.daft import NEWEST_DAFT
from tests.support.held_cluster import TOKENS, held_cluster
from tests.support.process import RAY_RUNNER, ROOT, run_command

ROWS = 5

# The usages that were promised, character for character.
CONTRACT = (
    """import daft
from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches
apply_flotilla_patches()
daft.context.set_runner_ray()          # daft.set_runner_ray() in today's Daft
df = daft.read_parquet("data.parquet")
df.count().show()
rollback_flotilla_patches()            # back to Daft's own behaviour
""",
    """from protoplast.patches.auto_patch import patched_daft
with patched_daft():
    import daft
    df = daft.read_parquet("data.parquet")
    result = df.compute()              # df.collect() in today's Daft
""",
)

# What is seen after each of them.
AFTERWARDS = (
    """
import daft.runners.ray_runner, protoplast
assert not hasattr(daft.DataFrame, "compute")
assert daft.runners.ray_runner.RayRunner.run_iter.__module__ == "daft.runners.ray_runner"
assert not protoplast.status().applied
""",
    f"""
assert result.to_pydict() == {{"row": list(range({ROWS}))}}
assert not hasattr(daft.DataFrame, "compute")
from daft.runners import ray_runner
import ray
assert ray.is_initialized(), "it ran on Ray"
""",
)


# Where a snippet's cluster is; the parts after it are only to be had with Ray's dashboard.
GCS = "head:6379"
WITH_DASHBOARD = {"ray://head:10001": "client", "http://head:8265": "jobs"}

SCRIPT = """
import daft
import protoplast
from protoplast.patches.auto_patch import patched_daft

daft.set_runner_ray()
with patched_daft("per-core"):
    assert daft.from_pydict({"row": [1, 2]}).sum("row").to_pydict() == {"row": [3]}
    assert len(protoplast.status().workers) == 2
"""


@dataclass(frozen=True)
class Snippet:
    """A block of a document; `str()` is where it begins."""

    document: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document.name}:{self.line}"


def all_snippets() -> list[Snippet]:
    found = []
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = document.read_text()
        for block in re.finditer(r"^( *)```(\w+)\n(.*?)^ *```$", text, re.M | re.S):
            line = text.count("\n", 0, block.start()) + 1
            found.append(Snippet(document, line, block[2], textwrap.dedent(block[3])))
    return found


# Where `python`, `ray` and `protoplast` are those of this environment.
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
SETTINGS = {**RAY_RUNNER, **TOKENS}
SNIPPETS = all_snippets()
PLAIN = [snippet for snippet in SNIPPETS if "head:" not in snippet.text]


def runnable(snippets: list[Snippet]) -> list[Snippet]:
    runs = [snippet for snippet in snippets if snippet.language in {"python", "sh"}]
    return [snippet for snippet in runs if snippet.text not in CONTRACT]


def in_its_time(snippets: list[Snippet]) -> list[Any]:
    """CI has time for those of the README."""
    others = [snippet for snippet in snippets if snippet.document != ROOT / "README.md"]
    return [
        pytest.param(snippet, marks=pytest.mark.chaos) if snippet in others else snippet
        for snippet in snippets
    ]


def run_python(text: str, folder: Path, **environment: str) -> str:
    script = folder / "snippet.py"
    script.write_text(text)
    return run([sys.executable, str(script)], folder, environment)


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    pq.write_table(pa.table({"row": list(range(ROWS))}), folder / "data.parquet")
    nodes = [{"NodeID": "a", "Resources": {"CPU": 4.0, "memory": 8e9}}]
    (folder / "nodes.json").write_text(json.dumps(nodes))
    (folder / "script.py").write_text(SCRIPT)
    environment = {"RAY_TMPDIR": str(folder), "PATH": PATH, **environment}
    return run_command(command, environment, timeout=150, cwd=folder)


def run_snippet(snippet: Snippet, folder: Path, **environment: str) -> str:
    if snippet.language == "python":
        return run_python(snippet.text, folder, **environment)
    # CI runs the targets; here it is seen that they are there.
    text = re.sub(r"^make ", f"make -n -C {ROOT} ", snippet.text, flags=re.M)
    return run(["bash", "-euc", text], folder, environment)


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    assert {snippet.language for snippet in SNIPPETS} == {"python", "sh", "yaml", "dockerfile"}


@pytest.mark.parametrize("usage", [0, 1])
def test_the_contract_runs_character_for_character(usage: int, short_tmp_path: Path) -> None:
    assert CONTRACT[usage] in [snippet.text for snippet in SNIPPETS]
    printed = run_python(CONTRACT[usage] + AFTERWARDS[usage], short_tmp_path)
    if usage == 0:
        assert re.search(rf"│ {ROWS} +│", printed), "the count is shown"


@pytest.mark.parametrize("snippet", in_its_time(runnable(PLAIN)), ids=str)
def test_a_snippet_runs(snippet: Snippet, short_tmp_path: Path) -> None:
    printed = run_snippet(snippet, short_tmp_path)
    if "print(protoplast.status())" in snippet.text:
        assert "in effect: yes" in printed
        assert "_cpu_0" in printed


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict[str, str]]:
    with held_cluster(TOKENS, dashboard=False, num_cpus=2, memory=1 << 30) as reached:
        yield reached


def placed(snippet: Snippet, places: Mapping[str, str], folder: Path) -> Snippet:
    """The snippet with the places of a cluster and of the files that its nodes share."""
    text = snippet.text
    for place, real in {**places, "/shared": str(folder)}.items():
        text = text.replace(place, real)
    return replace(snippet, text=text)


def on_a_cluster(*, dashboard: bool) -> list[Snippet]:
    return [
        snippet
        for snippet in runnable(SNIPPETS)
        if snippet not in PLAIN
        and any(place in snippet.text for place in WITH_DASHBOARD) == dashboard
    ]


@pytest.mark.parametrize("snippet", on_a_cluster(dashboard=False), ids=str)
def test_a_snippet_runs_on_a_cluster(
    snippet: Snippet, cluster: dict[str, str], short_tmp_path: Path
) -> None:
    run_snippet(
        placed(snippet, {GCS: cluster["address"]}, short_tmp_path), short_tmp_path, **SETTINGS
    )


@pytest.fixture(scope="module")
def with_dashboard() -> Iterator[dict[str, str]]:
    with held_cluster({**TOKENS, "PATH": PATH}, num_cpus=2, memory=1 << 30) as reached:
        yield reached


@pytest.mark.chaos
@pytest.mark.parametrize("snippet", on_a_cluster(dashboard=True), ids=str)
def test_a_snippet_runs_through_servers_of_ray_s(
    snippet: Snippet, with_dashboard: dict[str, str], short_tmp_path: Path
) -> None:
    servers = {place: with_dashboard[server] for place, server in WITH_DASHBOARD.items()}
    run_snippet(placed(snippet, servers, short_tmp_path), short_tmp_path, **SETTINGS)


def of_language(language: str) -> str:
    (text,) = [snippet.text for snippet in SNIPPETS if snippet.language == language]
    return text


def test_the_image_has_the_newest_versions() -> None:
    image = of_language("dockerfile")
    assert f"daft[ray]=={NEWEST_DAFT}" in image
    assert f"rayproject/ray:{version('ray')}-py311" in image or version("daft") != NEWEST_DAFT


def test_the_manifest_is_a_cluster_of_ray_s() -> None:
    manifest = yaml.safe_load(of_language("yaml"))
    assert manifest["kind"] == "RayCluster"
    spec = manifest["spec"]
    assert f"rayproject/ray:{spec['rayVersion']}-" in of_language("dockerfile")
    for group in (spec["headGroupSpec"], *spec["workerGroupSpecs"]):
        assert all(isinstance(value, str) for value in group["rayStartParams"].values())
        (container,) = group["template"]["spec"]["containers"]
        assert set(container["resources"]["limits"]) == {"cpu", "memory"}
        for variable in container.get("env", ()):
            assert variable["name"] == LAYOUT_VARIABLE
            Layout.parse(variable["value"])
