"""A process that is asked in JSON lines on stdin and answers in JSON lines with a prefix on stdout."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from bench.options import ROOT

PREFIX = "answer:"
# An answer takes at most so long, the start of a system with it.
ANSWER_S = 900.0
END_S = 30.0
SETTINGS = {
    "DAFT_PROGRESS_BAR": "0",
    # The drivers of a cluster of ours, and nobody else, have the token of this run.
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
}


def say(answer: Any) -> None:
    """Answer, from inside a child."""
    print(PREFIX + json.dumps(answer, default=str), flush=True)


class ChildError(Exception):
    """A child ended, or took too long, or said that it failed."""


class Child:
    """A Python module that runs in a process, and in a session, of its own.

    Args:
        module: The module and its arguments.
        log: The file that its stderr goes to.
    """

    def __init__(self, module: list[str], log: Path) -> None:
        self.name = " ".join(module)
        self.log = log
        self.is_busy = False
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *module],
                cwd=ROOT,
                env={**os.environ, **SETTINGS, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                start_new_session=True,
            )

    def ask(self, question: Any) -> Any:
        """Ask, and wait for the answer.

        Raises:
            ChildError: There is none.
        """
        assert self.process.stdin is not None
        self.is_busy = True
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
        answer = self.next_answer()
        self.is_busy = False
        if "error" in answer:
            raise ChildError(f"{self.name} failed on {question}:\n{answer['error']}")
        return answer

    def next_answer(self) -> Any:
        assert self.process.stdout is not None
        late = threading.Timer(ANSWER_S, self.kill)
        late.start()
        try:
            for line in self.process.stdout:
                if line.startswith(PREFIX):
                    return json.loads(line.removeprefix(PREFIX))
        finally:
            late.cancel()
        raise ChildError(f"{self.name} ended or took more than {ANSWER_S:.0f} s; see {self.log}")

    def close(self) -> None:
        """End the process and what it has started: by the end of its stdin, by SIGINT, by SIGKILL."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        if self.is_busy:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()
        self.process.stdout.close()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
