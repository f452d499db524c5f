"""Runs a function of a test module in a process of its own.

Daft's runner can be chosen once in a process, so every scenario on a real Ray gets a new one. The
function gets the arguments and gives back what JSON can carry.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

# Makes Ray's the runner of a process that does not choose one.
RAY_RUNNER = {"DAFT_RUNNER": "ray"}


def in_new_process(
    function: Callable[..., Any],
    *arguments: Any,
    environment: Mapping[str, str] | None = None,
    timeout: float = 120,
    within: Sequence[str] = (),
) -> Any:
    """Call a module-level function in a new process. If the process fails, so does the test.

    Args:
        function: The function.
        arguments: What it is called with.
        environment: Environment variables.
        timeout: Seconds after which the process and its children are ended.
        within: The command that runs the command of the process, if any.
    """
    # Ray's daemons may still write while they end.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        answer = Path(directory, "answer.json")
        command = [
            *within,
            sys.executable,
            "-m",
            "tests.support.process",
            function.__module__,
            function.__name__,
        ]
        # Ray looks in its directory for a cluster to join; only an address given joins one here.
        environment = {"RAY_TMPDIR": directory, **(environment or {})}
        run_command([*command, json.dumps(arguments), str(answer)], environment, timeout)
        return json.loads(answer.read_text())


def run_command(
    command: list[str], environment: Mapping[str, str], timeout: float, cwd: Path = ROOT
) -> str:
    """Run a command to its end and return what it printed. If the command fails, so does the test."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "DAFT_PROGRESS_BAR": "0", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        raise AssertionError(f"not done within {timeout} s; it printed:\n{output}") from None
    assert process.returncode == 0, output
    return output


if __name__ == "__main__":
    module, name, given, target = sys.argv[1:]
    result = getattr(importlib.import_module(module), name)(*json.loads(given))
    Path(target).write_text(json.dumps(result))
