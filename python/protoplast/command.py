"""The command `protoplast`. Rust decides what it prints.

Neither Daft nor Ray is imported for it: where a cluster is needed, another process asks it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from protoplast import _core

if TYPE_CHECKING:
    from protoplast.cluster_client.session import Session

# How often a status is shown anew, in seconds.
_WATCH_INTERVAL_S = 2.0

# Clears the terminal and goes to its first place (ECMA-48: ED, CUP).
_REPAINT = "\x1b[2J\x1b[H"


def main() -> int:
    """Run the command with the arguments of this process, and return its exit status."""
    # A pipe that is closed early, as by `head`, and Ctrl-C end the process as they end others.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    result = _core.run_command(sys.argv[1:], dict(os.environ), sys.stdin.buffer.read)
    if isinstance(result, _core.ClusterCommand):
        return _in_cluster(result)
    return _print(*result)


def _in_cluster(command: _core.ClusterCommand) -> int:
    from protoplast.cluster_client.session import Session

    with Session(command.address) as session:
        if command.name == "plan":
            return _print(*command.answer(session.ask(ask="nodes", layout=str(command.layout))))
        if command.name == "doctor":
            return _print(*command.answer(_doctor_facts(session, command.address is not None)))
        repaint = command.watch and sys.stdout.isatty()
        while True:
            stdout, stderr, status = command.answer(session.ask(ask="fleets"))
            _print(_REPAINT + stdout if repaint and not status else stdout, stderr, status)
            if status or not command.watch:
                return status
            time.sleep(_WATCH_INTERVAL_S)


def _doctor_facts(session: Session, with_cluster: bool) -> str:
    here = json.loads(session.ask(ask="here"))
    if "found" not in here:
        return json.dumps(here)
    cluster = json.loads(session.ask(ask="check-up")) if with_cluster else None
    return json.dumps({"found": {"here": here["found"], "cluster": cluster}})


def _print(stdout: str, stderr: str, status: int) -> int:
    # A picture is UTF-8, whatever the locale says.
    sys.stdout.buffer.write(stdout.encode())
    sys.stdout.buffer.flush()
    sys.stderr.buffer.write(stderr.encode())
    return status
