"""Every Python snippet of the README runs as it stands, in a process and a folder of its own."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.process import ROOT, run_command

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


def run_snippet(text: str, folder: Path) -> str:
    pq.write_table(pa.table({"row": list(range(ROWS))}), folder / "data.parquet")
    script = folder / "snippet.py"
    script.write_text(text)
    environment = {"RAY_TMPDIR": str(folder)}
    return run_command([sys.executable, str(script)], environment, timeout=120, cwd=folder)


def snippets() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)


@pytest.mark.parametrize("usage", [0, 1])
def test_the_contract_runs_character_for_character(usage: int, short_tmp_path: Path) -> None:
    assert CONTRACT[usage] in snippets()
    printed = run_snippet(CONTRACT[usage] + AFTERWARDS[usage], short_tmp_path)
    if usage == 0:
        assert re.search(rf"│ {ROWS} +│", printed), "the count is shown"


@pytest.mark.parametrize("number", range(len(snippets()) - len(CONTRACT)))
def test_the_other_snippets_run(number: int, short_tmp_path: Path) -> None:
    others = [snippet for snippet in snippets() if snippet not in CONTRACT]
    printed = run_snippet(others[number], short_tmp_path)
    if "status()" in others[number]:
        assert "in effect: yes" in printed
        assert "_cpu_0" in printed
