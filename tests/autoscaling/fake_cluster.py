"""A head with a real autoscaler that starts and ends made-up nodes on this machine.

Ray's own `AutoscalingCluster` begins and ends with `ray stop --force`, which ends every Ray of the
machine, and reads a file that its wheel lacks. So the head is started here, and ended by its processes
alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from tests.support.held_cluster import free_port
from tests.support.process import ROOT

# Starts the processes of each made-up node on this machine.
_PROVIDER = "ray.autoscaler._private.fake_multi_node.node_provider.FakeMultiNodeProvider"
_HEAD_NODE_ID = "f" * 51 + "00000"
_HEAD_TYPE = "ray.head.default"

# Inherited by every process of a cluster.
_MARK = "PROTOPLAST_TEST_AUTOSCALER"
_PATIENCE_S = 30.0

NODE_CPUS = 2


@contextlib.contextmanager
def autoscaling_cluster(
    *,
    v2: bool,
    most_nodes: int = 3,
    idle_s: float = 6.0,
    head_cpus: int = 0,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[str]:
    """Start a head, and end all that it has started afterwards; yields its address.

    Args:
        v2: Whether the second version of Ray's autoscaler decides on nodes, or the first.
        most_nodes: How many made-up nodes there may be, of `NODE_CPUS` logical CPUs each.
        idle_s: After how many seconds without work the autoscaler ends a node.
        head_cpus: The logical CPUs of the head.
        environment: Environment variables of the cluster's processes.
    """
    port, mark = free_port(), uuid.uuid4().hex
    address = f"127.0.0.1:{port}"
    # Ray's daemons may still write while they end.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        config = Path(folder, "cluster.yaml")
        # JSON is YAML.
        config.write_text(json.dumps(_config(address, most_nodes, idle_s, head_cpus, v2)))
        command = [
            *(sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block"),
            *(f"--port={port}", "--node-ip-address=127.0.0.1", f"--num-cpus={head_cpus}"),
            *(f"--autoscaling-config={config}", f"--temp-dir={folder}"),
            *(
                "--include-dashboard=false",
                "--disable-usage-stats",
                f"--ray-client-server-port={free_port()}",
            ),
            *("--object-store-memory=150000000", "--include-log-monitor=false"),
        ]
        with Path(folder, "output").open("w") as output:
            head = subprocess.Popen(
                command,
                cwd=ROOT,
                env={
                    **os.environ,
                    **_environment(v2),
                    **environment,
                    _MARK: mark,
                    "RAY_TMPDIR": folder,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait_until_it_serves(head, port, Path(folder, "output"))
            yield address
        finally:
            _end(head, mark)


def _config(
    address: str, most_nodes: int, idle_s: float, head_cpus: int, v2: bool
) -> dict[str, object]:
    provider: dict[str, object] = {
        "type": "external",
        "module": _PROVIDER,
        "gcs_address": address,
        # All nodes have one address, no shell to log in to, and no description of a virtual machine.
        "use_node_id_as_ip": True,
        "disable_node_updaters": True,
        "disable_launch_config_check": True,
    }
    if v2:
        # What Ray's own `AutoscalingCluster` sets for it.
        provider |= {"launch_multiple": True, "head_node_id": _HEAD_NODE_ID}
    node = {"CPU": NODE_CPUS, "object_store_memory": 150_000_000}
    return {
        "cluster_name": "made-up",
        "max_workers": most_nodes,
        "idle_timeout_minutes": idle_s / 60,
        "upscaling_speed": 100,
        "provider": provider,
        # What the first version reads without a default.
        "auth": {},
        "file_mounts": {},
        "cluster_synced_files": [],
        "initialization_commands": [],
        "setup_commands": [],
        "head_setup_commands": [],
        "worker_setup_commands": [],
        "head_start_ray_commands": [],
        "worker_start_ray_commands": [],
        "head_node_type": _HEAD_TYPE,
        "available_node_types": {
            _HEAD_TYPE: {"resources": {"CPU": head_cpus}, "node_config": {}, "max_workers": 0},
            "worker": {"resources": node, "node_config": {}, "max_workers": most_nodes},
        },
    }


def _environment(v2: bool) -> dict[str, str]:
    # Ray's provider refuses to work without the first; Daft reads the second as well.
    always = {
        "RAY_FAKE_CLUSTER": "1",
        "AUTOSCALER_UPDATE_INTERVAL_S": "1",
        # `ray start` asks for tokens otherwise.
        "RAY_AUTH_MODE": "disabled",
    }
    second = {
        "RAY_enable_autoscaler_v2": "1",
        "RAY_CLOUD_INSTANCE_ID": _HEAD_NODE_ID,
        "RAY_OVERRIDE_NODE_ID_FOR_TESTING": _HEAD_NODE_ID,
    }
    return {**always, **(second if v2 else {})}


def _wait_until_it_serves(head: subprocess.Popen[bytes], port: int, output: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while "Ray runtime started" not in output.read_text():
        assert head.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.1)


def _end(head: subprocess.Popen[bytes], mark: str) -> None:
    """End the head and all that it has started, and see that nothing is left."""
    own = _processes_of(head.pid, mark)
    # The monitor would start nodes anew, so nothing may run on while the others end.
    deadline = time.monotonic() + _PATIENCE_S
    while own:
        for pid in own:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        head.poll()
        assert time.monotonic() < deadline, f"left behind: {own}"
        time.sleep(0.1)
        own = {pid for pid in own if _is_running(pid)} | _processes_of(head.pid, mark)
    head.wait()


def _processes_of(head: int, mark: str) -> set[int]:
    """The processes that have the mark, and those below the head and below these.

    A process that sets its title may have overwritten its environment, and one whose parent has ended
    is below the head no longer.
    """
    found = {head} if _is_running(head) else set()
    parents: dict[int, int] = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            with contextlib.suppress(OSError):
                pid = int(process.name)
                parents[pid] = int(_status(pid)[1])
                if f"{_MARK}={mark}".encode() in (process / "environ").read_bytes():
                    found.add(pid)
    while below := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= below
    return {pid for pid in found if _is_running(pid)}


def _is_running(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return _status(pid)[0] != "Z"
    return False


def _status(pid: int) -> list[str]:
    """The state of a process and the id of its parent."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
