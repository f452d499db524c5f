"""The command `protoplast`. Rust decides what it prints; neither Daft nor Ray is imported for it."""

from __future__ import annotations

import os
import signal
import sys

from protoplast import _core

# The exit status of a command that could not do what it was asked for.
_FAILED = 2


def main() -> int:
    """Run the command with the arguments of this process, and return its exit status."""
    # A pipe that is closed early, as by `head`, and Ctrl-C end the process as they end others.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    result = _core.run_command(sys.argv[1:], dict(os.environ), sys.stdin.buffer.read)
    if isinstance(result, _core.ClusterCommand):
        result = "", f"protoplast: {_not_built(result)}\n", _FAILED
    stdout, stderr, status = result
    # A picture is UTF-8, whatever the locale says.
    sys.stdout.buffer.write(stdout.encode())
    sys.stderr.buffer.write(stderr.encode())
    return status


def _not_built(command: _core.ClusterCommand) -> str:
    name = command.name if command.address is None else f"{command.name} --address"
    return (
        f"'{name}' is not built yet; 'protoplast plan' works with --cpus and --memory or with "
        "--inventory"
    )
