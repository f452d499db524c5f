"""Several drivers on one cluster: they do not see each other, and one that ends leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.support.process import RAY_RUNNER, ROOT, in_new_process

# Reads one command a line, runs it, and answers with one line of JSON.
DRIVER = """
import json, sys
import ray, protoplast
from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches
from tests.support.queries import rows_by_process
ray.init(sys.argv[1], log_to_driver=False)
for line in sys.stdin:
    command = line.strip()
    answer = None
    if command == "apply":
        apply_flotilla_patches()
    elif command == "roll back":
        rollback_flotilla_patches()
    elif command == "query":
        answer = rows_by_process(parts=48)
    elif command == "workers":
        answer = [worker.pid for worker in protoplast.status().workers]
    print("answer:" + json.dumps(answer), flush=True)
"""


class Driver:
    """A driver in a process of its own."""

    def __init__(self, address: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, address],
            cwd=ROOT,
            env={**os.environ, **RAY_RUNNER, "DAFT_PROGRESS_BAR": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, command: str) -> Any:
        self.send(command)
        return self.answer()

    def send(self, command: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("answer:"):
                return json.loads(line.removeprefix("answer:"))
        raise AssertionError("the driver has ended")

    def end(self, way: str) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if way == "killed":
            self.process.send_signal(signal.SIGKILL)
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def two_drivers(address: str) -> Any:
    patched, stock = Driver(address), Driver(address)
    patched.ask("apply")
    # At the same time, and in both orders.
    for driver in (patched, stock):
        driver.send("query")
    did = {int(pid) for pid in patched.answer()}
    stock_did = {int(pid) for pid in stock.answer()}
    workers = set(patched.ask("workers"))
    assert did == workers
    again = {int(pid) for pid in stock.ask("query")}
    assert stock.ask("workers") == []
    patched.ask("roll back")
    assert {int(pid) for pid in stock.ask("query")} == stock_did == again
    rolled_back = {int(pid) for pid in patched.ask("query")}
    stock.end("exits")
    patched.ask("apply")
    last = len(patched.ask("query"))
    patched.end("exits")
    return [len(did), len(stock_did), len(did & stock_did), len(rolled_back & did), last]


def test_two_drivers_do_not_see_each_other(cluster: str) -> None:
    did, stock, common, after, last = in_new_process(two_drivers, cluster)
    assert (did, stock) == (6, 3)
    assert common == after == 0
    assert last == 6


def driver_ends(address: str, way: str) -> Any:
    import ray

    from tests.support.fault_queries import wait_for

    ray.init(address, log_to_driver=False)

    def names() -> set[str]:
        return {actor["name"] for actor in ray.util.list_named_actors(all_namespaces=True)}

    before = names()
    driver = Driver(address)
    driver.ask("apply")
    driver.ask("query")
    pids = driver.ask("workers")
    assert len(names() - before) == 1 + len(pids), "a runner and its workers"
    if way == "killed in a query":
        driver.send("query")
    driver.end("killed" if way.startswith("killed") else way)
    left = wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    wait_for(lambda: names() <= before)
    return [len(pids), left, sorted(names() - before)]


@pytest.mark.xfail(
    version("daft") == "0.6.6",
    reason="the workers of this release outlive their driver on stock Daft as well",
    strict=True,
)
@pytest.mark.parametrize("way", ["exits", "killed in a query"])
def test_a_driver_that_ends_leaves_nothing(cluster: str, way: str) -> None:
    assert in_new_process(driver_ends, cluster, way) == [6, True, []]
