"""A cluster in a process of its own, which has the environment that its servers are to have.

Ray reads some settings once in a process, such as whether tokens are asked for.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from typing import Any

import ray

from tests.support.process import ROOT

# How a cluster and its clients agree on a token, if this Ray knows tokens (from 2.51 on).
TOKENS = (
    {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "3" * 64}
    if hasattr(ray.exceptions, "AuthenticationError")
    else {}
)

# Ray's Client server starts a process for each client, and gRPC's handlers for that kill some of these
# processes before they begin (Ray 2.59.0, one of 5 to 10 clients).
NO_FORK_HANDLERS = {"GRPC_ENABLE_FORK_SUPPORT": "0"}


@contextlib.contextmanager
def held_cluster(
    environment: Mapping[str, str], *, dashboard: bool = True, **node: Any
) -> Iterator[dict[str, str]]:
    """Start a node with a Ray Client server and a job server; yields how to reach each.

    Args:
        environment: Environment variables of the cluster's processes.
        dashboard: Whether there are these servers, which come with Ray's dashboard.
        **node: What `Cluster.add_node` takes.
    """
    # Ray's daemons may still write while they end.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        holder = subprocess.Popen(
            [sys.executable, "-m", __name__, json.dumps(dashboard), json.dumps(node)],
            cwd=ROOT,
            env={**os.environ, "RAY_TMPDIR": directory, **NO_FORK_HANDLERS, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert holder.stdin is not None
        assert holder.stdout is not None
        with holder:
            yield json.loads(holder.stdout.readline())
            holder.stdin.close()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def wait_for_server(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens on port {port}")


def hold(dashboard: bool, node: dict[str, Any]) -> None:
    """Start the cluster, print how to reach it, and end it when nobody listens any more."""
    from ray.cluster_utils import Cluster

    client, jobs = free_port(), free_port()
    cluster = Cluster()
    try:
        servers = {"dashboard_port": jobs, "ray_client_server_port": client} if dashboard else {}
        cluster.add_node(**node, include_dashboard=dashboard, **servers)
        reached = {
            "address": cluster.address,
            "client": f"ray://127.0.0.1:{client}",
            "jobs": f"http://127.0.0.1:{jobs}",
        }
        if dashboard:
            wait_for_server(client)
        print(json.dumps(reached), flush=True)
        sys.stdin.read()
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    hold(*map(json.loads, sys.argv[1:]))
