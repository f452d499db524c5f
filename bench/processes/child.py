"""A child process that reads questions as JSON lines, and writes answers as JSON lines with a prefix."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from bench.options import ROOT
from bench.processes.cgroup import Cgroup

Answer = dict[str, Any]

PREFIX = "answer:"
# How long an answer may take, including the start of the system, in seconds.
ANSWER_S = 900.0
END_S = 30.0
SETTINGS = {
    "DAFT_PROGRESS_BAR": "0",
    # Ray clusters of this run ask for a token, so that no other driver joins them.
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
}


def say(answer: Any) -> None:
    """Answer, from inside a child."""
    print(PREFIX + json.dumps(answer, default=str), flush=True)


class ChildError(Exception):
    """A child has ended, took too long, or reported that it failed."""


class Child:
    """A Python module that runs in a process, and in a session, of its own.

    Args:
        module: The module and its arguments.
        log: The file that its stderr goes to.
        cgroup: The cgroup that the process is moved into, so that it can be frozen.
    """

    def __init__(self, module: list[str], log: Path, cgroup: Cgroup | None = None) -> None:
        self.name = " ".join(module)
        self.log = log
        self.cgroup = cgroup
        # What it is busy with.
        self.question: Any = None
        # None is the end of them.
        self.answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
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
        if cgroup is not None:
            cgroup.add(self.process.pid)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stdout:
            for line in stdout:
                if line.startswith(PREFIX):
                    self.answers.put(json.loads(line.removeprefix(PREFIX)))
        self.answers.put(None)

    def ask(self, question: Any) -> Answer:
        """Ask, and wait for the answer with its `seconds`.

        Raises:
            ChildError: There is none.
        """
        self.thaw()
        self.send(question)
        answer = self.next_answer()
        self.freeze()
        return {**answer, "seconds": answer["ended"] - answer["began"]}

    def next_answer(self) -> Answer:
        """Wait for an answer.

        Raises:
            ChildError: There is none.
        """
        answer = self.receive(ANSWER_S)
        if answer is None:
            self.kill()
            raise ChildError(f"{self.name} took more than {ANSWER_S:.0f} s; see {self.log}")
        return answer

    def send(self, question: Any) -> None:
        assert self.process.stdin is not None
        self.question = question
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()

    def receive(self, within: float) -> Answer | None:
        """Return the answer, or None if there is none within the timeout.

        Raises:
            ChildError: The process ended, or said that it failed.
        """
        try:
            answer = self.answers.get(timeout=within)
        except queue.Empty:
            return None
        if answer is None:
            raise ChildError(f"{self.name} ended; see {self.log}")
        question, self.question = self.question, None
        if "error" in answer:
            raise ChildError(f"{self.name} failed on {question}:\n{answer['error']}")
        return answer

    def thaw(self) -> None:
        if self.cgroup is not None:
            self.cgroup.thaw()

    def freeze(self) -> None:
        if self.cgroup is not None:
            self.cgroup.freeze()

    def close(self) -> None:
        """End the process and its children: by closing its stdin, then by SIGINT, then by SIGKILL."""
        assert self.process.stdin is not None
        self.thaw()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        if self.question is not None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
