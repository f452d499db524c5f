"""On a live cluster the command plans, shows the fleets of all jobs and finds what is wrong."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import protoplast
from tests.cluster_client.test_command import COMMAND, run
from tests.contract.test_connections import HIDDEN
from tests.contract.test_drivers import Driver
from tests.support.held_cluster import TOKENS, held_cluster
from tests.support.hostile_folder import HostileFolder
from tests.support.other_protoplasts import protoplasts_there
from tests.support.process import in_new_process

# Two nodes of as many CPUs as any machine has.
NODES = 2
NODE = {"num_cpus": 1, "memory": 1 << 30, "include_dashboard": False}
HALF = "per-node,memory=0.5"
PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def live() -> Iterator[Any]:
    """A cluster of two equal nodes."""
    from ray.cluster_utils import Cluster

    cluster = Cluster()
    for _ in range(NODES):
        cluster.add_node(**NODE)
    cluster.wait_for_nodes()
    yield cluster
    cluster.shutdown()


def answered(*arguments: str, **options: Any) -> Any:
    done = run(*arguments, **options)
    assert (done.returncode, done.stderr) == (0, b""), done
    return json.loads(done.stdout)


def fleets_there(address: str) -> Any:
    return answered("status", "--address", address, "--format", "json")["fleets"]


def test_a_cluster_without_fleets_says_so(live: Any) -> None:
    done = run("status", "--address", live.address)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == (
        f"cluster {live.address}, {NODES} nodes: no fleet of Daft workers runs here\n"
    )


@pytest.fixture(scope="module")
def nodes(live: Any) -> Any:
    """The nodes of that cluster, as Ray gives them."""
    return in_new_process(nodes_there, live.address)


def nodes_there(address: str) -> Any:
    import ray

    ray.init(address, log_to_driver=False)
    return ray.nodes()


@pytest.mark.parametrize("form", ["table", "json", "svg"])
def test_a_plan_is_that_of_an_inventory_of_the_same_nodes(live: Any, nodes: Any, form: str) -> None:
    layout = ("--layout", "workers-per-node=2,memory=0.5", "--format", form)
    expected = run("plan", "--inventory", "-", *layout, input=json.dumps(nodes).encode())
    assert expected.returncode == 0
    found = run("plan", "--address", live.address, *layout)
    assert (found.returncode, found.stderr) == (0, b"")
    assert found.stdout == expected.stdout


def test_a_plan_asks_the_nodes_for_what_its_layout_needs(live: Any, nodes: Any) -> None:
    from protoplast import plan
    from protoplast.worker.node_facts import facts

    found = answered("plan", "--address", live.address, "--layout", "per-numa", "--format", "json")
    expected = plan("per-numa", [{**node, **facts()} for node in nodes])
    assert found["workers"] == json.loads(expected.to_json())["workers"]


@pytest.fixture(scope="module")
def drivers(live: Any) -> Iterator[dict[str, Driver]]:
    """Two jobs under different layouts, and a stock one, each with workers that have run a query."""
    started = {}
    for layout in ("per-core", HALF, "stock"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PROTOPLAST_LAYOUT", layout)
            started[layout] = Driver(live.address)
    for layout, driver in started.items():
        if layout != "stock":
            driver.send("apply")
        driver.send("query")
    for layout, driver in started.items():
        if layout != "stock":
            driver.answer()
        driver.answer()
    yield started
    for driver in started.values():
        driver.end("exits")


def test_the_fleets_of_all_jobs_are_shown(live: Any, drivers: dict[str, Driver]) -> None:
    found = fleets_there(live.address)
    by_layout = {fleet["layout"] or "stock": fleet for fleet in found}
    assert set(by_layout) == set(drivers)
    assert len({fleet["job"] for fleet in found}) == len(drivers)
    for layout, driver in drivers.items():
        fleet = by_layout[layout]
        assert fleet["driver_pid"] == driver.process.pid
        workers = fleet["workers"]
        assert len({worker["node_id"] for worker in workers}) == len(workers) == NODES
        pids = {worker["pid"] for worker in workers}
        if layout == "stock":
            assert fleet["state"] == "stock"
            assert pids == {int(pid) for pid in driver.ask("query")}
            assert {worker["cpus"] for worker in workers} == {None}
            continue
        assert fleet["state"] == "alive", fleet["reason"]
        assert pids == set(driver.ask("workers"))
        limit = NODE["memory"] // (2 if layout == HALF else 1)
        for worker in workers:
            assert worker["state"] == "alive"
            assert worker["memory_bytes"] == worker["memory_limit_bytes"] == limit
            assert worker["cpus"] == 1
            assert worker["rss_bytes"] > 0
            assert worker["threads"] > 0


def test_the_table_has_every_worker(live: Any, drivers: dict[str, Driver]) -> None:
    table = run("status", "--address", live.address).stdout.decode()
    assert f"{NODES} nodes: {len(drivers)} fleets of {len(drivers)} jobs" in table
    for fleet in fleets_there(live.address):
        assert f"runner {fleet['name']}" in table
        for worker in fleet["workers"]:
            assert f" {worker['pid']} " in table
            assert worker["node_id"][:8] in table


def test_a_status_leaves_nothing_behind(live: Any, drivers: dict[str, Driver]) -> None:
    before, after = in_new_process(alive_around_a_status, live.address)
    assert before == after
    assert len(before["actors"]) == len(drivers) * (1 + NODES)
    # And the driver that asks.
    assert len(before["jobs"]) == len(drivers) + 1


def alive_around_a_status(address: str) -> Any:
    """The live actors and drivers of a cluster, before and after a status of it."""
    import ray

    ray.init(address, log_to_driver=False)

    def alive() -> dict[str, list[str]]:
        actors = ray._private.state.actors().items()
        return {
            "actors": sorted(actor for actor, info in actors if info["State"] != "DEAD"),
            "jobs": sorted(job["JobID"] for job in ray._private.state.jobs() if not job["IsDead"]),
        }

    before = alive()
    assert len(fleets_there(address)) > 0
    return before, alive()


@pytest.mark.chaos
def test_a_runner_that_does_not_answer_is_silent(live: Any, drivers: dict[str, Driver]) -> None:
    runner = in_new_process(runner_pid, live.address, "per-core")
    os.kill(runner, signal.SIGSTOP)
    try:
        found = {fleet["layout"]: fleet for fleet in fleets_there(live.address)}
    finally:
        os.kill(runner, signal.SIGCONT)
    assert found[HALF]["state"] == "alive", found[HALF]["reason"]
    assert found["per-core"]["state"] == "silent"
    assert "GetTimeoutError" in found["per-core"]["reason"]
    # What Ray lists is there, and nothing more.
    workers = found["per-core"]["workers"]
    assert {worker["pid"] for worker in workers} == set(drivers["per-core"].ask("workers"))
    assert {worker["rss_bytes"] for worker in workers} == {None}


def runner_pid(address: str, layout: str) -> int:
    import ray

    ray.init(address, log_to_driver=False)
    actors = ray._private.state.actors().values()
    (pid,) = (
        info["Pid"]
        for info in actors
        if info["Name"].startswith("protoplast-runner-")
        and info["Name"].endswith(f"-{layout}")
        and info["State"] != "DEAD"
    )
    return int(pid)


def status_of_another_version(address: str, folder: str) -> Any:
    """The fleets of a cluster on which a job with another protoplast has one."""
    import ray

    class Runner:
        pass

    environment = {"env_vars": {"PYTHONPATH": folder}}
    ray.init(address, runtime_env=environment, log_to_driver=False)
    runner = ray.remote(num_cpus=0)(Runner)
    name = "protoplast-runner-01000000-0123abcd-per-core"
    actor = runner.options(name=name, namespace="daft").remote()
    (found,) = (fleet for fleet in fleets_there(address) if fleet["name"] == name)
    del actor
    return found


def test_a_fleet_of_another_version_is_told(live: Any, tmp_path: Path) -> None:
    folder = protoplasts_there(tmp_path)["older"]
    found = in_new_process(status_of_another_version, live.address, folder)
    assert (found["state"], found["layout"]) == ("silent", "per-core")
    assert found["reason"] == (
        f"its job has another version of protoplast than {protoplast.__version__}"
    )


def test_a_watch_goes_on_until_it_is_interrupted(live: Any, drivers: dict[str, Driver]) -> None:
    command = [COMMAND, "status", "--address", live.address, "--watch"]
    heading = b"cluster " + live.address.encode()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watch:
        assert watch.stdout is not None
        assert watch.stderr is not None
        seen = 0
        while seen < 2:
            line = watch.stdout.readline()
            assert line
            assert b"\x1b" not in line
            seen += line.startswith(heading)
        watch.send_signal(signal.SIGINT)
        assert watch.wait(PATIENCE_S) == -signal.SIGINT
        assert watch.stderr.read() == b""


def test_a_watch_repaints_a_terminal(live: Any) -> None:
    ours, theirs = pty.openpty()
    command = [COMMAND, "status", "--address", live.address, "--watch"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, start_new_session=True) as watch:
        os.close(theirs)
        seen = b""
        while seen.count(b"\x1b[2J\x1b[Hcluster ") < 2:
            seen += os.read(ours, 1 << 16)
        watch.send_signal(signal.SIGINT)
        assert watch.wait(PATIENCE_S) == -signal.SIGINT
    os.close(ours)


def test_a_doctor_finds_nothing_wrong(live: Any) -> None:
    done = run("doctor", "--address", live.address)
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b""), said
    assert "0 problems, 0 not checked" in said
    assert "and protoplast" in said
    assert "layout per-core: 1 worker, each with 1.0 GiB or more" in said


def test_a_doctor_finds_that_nodes_on_one_host_cannot_pin(live: Any) -> None:
    environment = {**os.environ, "PROTOPLAST_LAYOUT": "per-core,pin=core"}
    done = run("doctor", "--address", live.address, env=environment)
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (1, b""), said
    assert f"cannot be pinned: {NODES} nodes of the cluster are on the host" in said
    assert "1 problem, 0 not checked" in said


def test_a_doctor_checks_this_environment() -> None:
    done = run("doctor")
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b""), said
    assert "has all that protoplast relies on" in said
    assert "here: " in said.splitlines()[-3]


def test_a_doctor_finds_what_is_wrong_with_a_node(live: Any, tmp_path: Path) -> None:
    Path(tmp_path, "sitecustomize.py").write_text(HIDDEN)
    real = len(os.sched_getaffinity(0))
    node = live.add_node(**{**NODE, "num_cpus": real + 1}, env_vars={"PYTHONPATH": str(tmp_path)})
    live.wait_for_nodes()
    try:
        done = run("doctor", "--address", live.address)
    finally:
        live.remove_node(node)
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (1, b""), said
    assert "protoplast cannot be imported" in said
    assert f"Ray counts {real + 1} CPUs, but its processes may use {real}" in said
    assert f"ray start --num-cpus={real}" in said
    # All nodes are on one host.
    together = f"Ray counts {real + 1 + NODES} CPUs on them together"
    assert f"{together}, but the host that they share lets them use {real} CPUs" in said
    # Without protoplast a node cannot say what its container allows, nor what it can start.
    assert "its memory and the limits of its container are not known: No module named" in said
    assert "how many workers it can start are not known: No module named" in said
    assert "3 problems, 2 not checked" in said


@pytest.mark.parametrize("command", ["status", "doctor"])
def test_nothing_of_the_folder_is_imported_here_or_on_the_nodes(
    live: Any, tmp_path: Path, command: str
) -> None:
    hostile = HostileFolder(tmp_path)
    done = run(command, "--address", live.address, cwd=hostile.path)
    assert hostile.imported() == []
    assert (done.returncode, done.stderr) == (0, b""), done


@pytest.mark.chaos
@pytest.mark.skipif(not TOKENS, reason="this Ray has no tokens")
def test_a_cluster_that_asks_for_a_token() -> None:
    with held_cluster(TOKENS, dashboard=False, num_cpus=1, memory=1 << 30) as reached:
        there = run("status", "--address", reached["address"], env={**os.environ, **TOKENS})
        assert (there.returncode, there.stderr) == (0, b""), there
        assert "1 node: no fleet of Daft workers" in there.stdout.decode()
        bare = {**os.environ, "RAY_AUTH_MODE": "disabled"}
        done = run("doctor", "--address", reached["address"], env=bare)
    assert done.returncode == 1, done
    assert "and this process differ about its token" in done.stdout.decode()


def dead_address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.parametrize("command", ["plan", "status", "doctor"])
def test_no_cluster_is_an_error_with_the_remedy(command: str) -> None:
    address = dead_address()
    done = run(command, "--address", address)
    assert done.returncode == 2
    said = (done.stdout if command == "doctor" else done.stderr).decode()
    assert f"no Ray cluster answers at '{address}'" in said
    assert "pass the address that 'ray start --head' has printed" in said
    if command != "doctor":
        assert done.stdout == b""
        assert said.startswith("protoplast: ")
        assert said.count("\n") == 1


def test_the_address_comes_from_the_environment() -> None:
    address = dead_address()
    done = run("status", env={**os.environ, "RAY_ADDRESS": address})
    assert done.returncode == 2
    assert f"no Ray cluster answers at '{address}'" in done.stderr.decode()
    # It stands for a new cluster, and none is started.
    done = run("status", env={**os.environ, "RAY_ADDRESS": "local"})
    assert (done.returncode, done.stdout) == (2, b"")
    assert "no running Ray cluster was found" in done.stderr.decode()


def test_a_server_that_says_nothing_holds_nothing_up() -> None:
    from protoplast.cluster_client.session import Session

    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        with Session(address, limit=2.0) as session:
            answer = json.loads(session.ask(ask="fleets"))
    assert answer["unreachable"]["cause"] == "silent"


def test_a_process_that_ends_is_told_of() -> None:
    from protoplast.cluster_client.session import Session

    with Session(dead_address()) as session:
        session._process.kill()
        answer = json.loads(session.ask(ask="fleets"))
    assert answer["unreachable"]["cause"] == "ended"
    assert "SIGKILL" in answer["unreachable"]["message"]
