"""The command's side of the process that asks a cluster.

Ray may write to the standard error without Python's knowledge, block for minutes, or end the process
that uses it (Ray 2.47 to 2.59, if the head of the cluster is gone). So the command leaves Ray to
another process.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from protoplast.cluster_client import surroundings

# How long one answer may take, in seconds. This is longer than every wait behind it, such as the 30 s
# for which a Ray Client tries to connect, and only ends a Ray that never returns.
ANSWER_LIMIT_S = 60.0

# The folder of the package, and the program that the process runs.
_PACKAGE = Path(__file__).absolute().parent.parent
_SCRIPT = _PACKAGE / "cluster_client" / "__main__.py"

# How long the process may take to end after the command has closed its channel, in seconds.
_LEAVE_LIMIT_S = 5.0


class Session:
    """A process that asks a cluster.

    Args:
        address: The address of the cluster, or None for the cluster that Ray finds by itself.
        limit: How long one answer may take, in seconds.
    """

    def __init__(self, address: str | None, limit: float = ANSWER_LIMIT_S) -> None:
        self._address = address
        self._limit = limit
        # A file in memory, which the process writes and both can read.
        self._errors = os.memfd_create("protoplast-errors")
        self._channel, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, str(_SCRIPT), str(other.fileno()), address or ""],
                pass_fds=[other.fileno()],
                cwd=surroundings.FOLDER,
                env=surroundings.environment(os.environ, surroundings.here(), str(_PACKAGE.parent)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                # A Ctrl-C must end only the command. The process ends when its channel closes.
                start_new_session=True,
            )

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._channel.close()
        try:
            self._process.wait(_LEAVE_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._errors)

    def ask(self, **request: Any) -> str:
        """Return the answer to a request as JSON, or the reason why there is none in the same shape.

        Args:
            **request: What to `ask`, and its arguments.
        """
        deadline = time.monotonic() + self._limit
        answer = bytearray()
        try:
            # Without this flag, SIGPIPE would end the command if the process has ended.
            self._channel.sendall(json.dumps(request).encode() + b"\n", socket.MSG_NOSIGNAL)
            while not answer.endswith(b"\n"):
                self._channel.settimeout(max(0.001, deadline - time.monotonic()))
                part = self._channel.recv(1 << 16)
                if not part:
                    return self._unreachable("ended", self._last_words())
                answer += part
        except TimeoutError:
            self._process.kill()
            return self._unreachable("silent", f"nothing came within {self._limit:g} s")
        except OSError as error:
            return self._unreachable("ended", self._last_words() or str(error))
        return answer.decode()

    def _last_words(self) -> str:
        try:
            status = self._process.wait(_LEAVE_LIMIT_S)
        except subprocess.TimeoutExpired:
            return "the process that asks does not answer"
        lines = os.pread(self._errors, 1 << 20, 0).decode(errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "it wrote nothing")
        how = signal.Signals(-status).name if status < 0 else f"status {status}"
        return f"{last} ({how})"

    def _unreachable(self, cause: str, message: str) -> str:
        facts = {"cause": cause, "address": self._address or "auto", "message": message}
        return json.dumps({"unreachable": facts})
