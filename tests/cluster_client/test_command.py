"""The command `protoplast`, as it is installed; what it prints is held to files in crates/cli/tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from protoplast import plan

COMMAND = Path(sys.executable).parent / "protoplast"
DESCRIBED = ("plan", "--nodes", "4", "--cpus", "8", "--gpus", "2", "--memory", "32GiB")


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([COMMAND, *arguments], capture_output=True, timeout=60, **options)


def test_a_plan_is_printed() -> None:
    done = run(*DESCRIBED, env={**os.environ, "PROTOPLAST_LAYOUT": "cpus-per-worker=4"})
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "layout cpus-per-worker=4"
    assert lines[2] == "4 nodes of 8 CPUs, 2 GPUs, 32.0 GiB"


def test_an_inventory_is_read_from_a_file_or_the_standard_input(tmp_path: Path) -> None:
    nodes = [{"NodeID": "nöde", "Resources": {"CPU": 2.0, "memory": 4e9}}]
    inventory = tmp_path / "nodes.json"
    inventory.write_text(json.dumps(nodes))
    from_file = run("plan", "--inventory", str(inventory), "--format", "json")
    from_stdin = run("plan", "--inventory=-", "--format=json", input=inventory.read_bytes())
    assert from_file.stdout == from_stdin.stdout
    of_python = json.loads(plan("per-core", nodes).to_json())
    assert json.loads(from_file.stdout)["workers"] == of_python["workers"]
    picture = run("plan", "--inventory", str(inventory), "--format", "svg", env={"LC_ALL": "POSIX"})
    assert picture.stdout.decode() == plan("per-core", nodes).to_svg()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("plan", "--cpus", "4"), "required arguments were not provided: --memory <SIZE>"),
        (("plan", "--inventory", "-"), "the nodes cannot be read: EOF while parsing"),
        (("plan", "--inventory", "/no\udcff"), "the inventory '/no\ufffd' cannot be read"),
        (("plan", "--layout", "\udcff"), "invalid UTF-8"),
        (("plan", "--address", "a"), "the cluster at 'a' cannot be joined: Invalid address format"),
    ],
)
def test_what_cannot_be_done_is_said_on_one_line(arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments, input=b"")
    assert (done.returncode, done.stdout) == (2, b"")
    said = done.stderr.decode()
    assert said.startswith("protoplast: ")
    assert message in said
    assert said.count("\n") == 1


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    with subprocess.Popen(
        [COMMAND, "plan", "--nodes=1000", "--cpus=8", "--memory=32GiB", "--format=json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_plan_needs_the_standard_library_alone() -> None:
    # Daft and Ray take seconds to import; an answer that waits for no package is there at once.
    program = (
        "import sys; before = set(sys.modules)\n"
        "from protoplast.command import main; status = main()\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before}, file=sys.stderr)\n"
        "raise SystemExit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *DESCRIBED], capture_output=True, timeout=60
    )
    assert done.returncode == 0
    assert set(done.stderr.decode().split()) - sys.stdlib_module_names == {"protoplast"}


def test_a_plan_draws_itself() -> None:
    node = {"NodeID": "<n&>", "Resources": {"CPU": 4.0, "GPU": 1.0, "memory": 8e9}}
    made = plan("per-core,max-workers=3", [node])
    picture = made.to_svg()
    assert made._repr_svg_() == picture
    ElementTree.fromstring(picture)
    assert "&lt;n&amp;&gt;" in picture
    assert picture.count('class="worker"') == 3
    before, beside = plan("per-core,startup=progressive", [node]).by_startup()
    assert [part.to_svg().count('class="worker"') for part in (before, beside)] == [1, 3]
    assert before == plan("per-core,startup=progressive", [node]).by_startup()[0]
    assert before != beside
