"""The command `protoplast`. Rust decides what it prints.

The command imports neither Daft nor Ray: if it needs a cluster, another process asks the cluster.
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

# How often `status --watch` asks the cluster again, in seconds.
_WATCH_INTERVAL_S = 2.0

# Clears the terminal and moves the cursor to its top left corner (ECMA-48: ED, CUP).
_REPAINT = "\x1b[2J\x1b[H"


def main() -> int:
    """Run the command with the arguments of this process, and return its exit status."""
    # Ctrl-C, or a pipe that its reader closes early as `head` does, ends the command without a
    # traceback.
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
    # The SVG declares UTF-8, so the locale must not choose another encoding.
    sys.stdout.buffer.write(stdout.encode())
    sys.stdout.buffer.flush()
    sys.stderr.buffer.write(stderr.encode())
    return status
