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
from collections.abc import Iterator, Mapping
from typing import Any

from tests.process import ROOT


@contextlib.contextmanager
def held_cluster(environment: Mapping[str, str], **node: Any) -> Iterator[dict[str, str]]:
    """Start a node with a Ray Client server and a job server; yields how to reach each.

    Args:
        environment: Environment variables of the cluster's processes.
        **node: What `Cluster.add_node` takes. With `include_dashboard=False` there is no job server,
            which needs more than `daft[ray]` installs.
    """
    # Ray's daemons may still write while they end.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        holder = subprocess.Popen(
            [sys.executable, "-m", __name__, json.dumps(node)],
            cwd=ROOT,
            env={**os.environ, "RAY_TMPDIR": directory, **environment},
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


def hold(node: dict[str, Any]) -> None:
    """Start the cluster, print how to reach it, and end it when nobody listens any more."""
    from ray.cluster_utils import Cluster

    client, jobs = free_port(), free_port()
    cluster = Cluster()
    try:
        served = {"include_dashboard": True, "dashboard_port": jobs}
        cluster.add_node(**{**served, **node}, ray_client_server_port=client)
        reached = {
            "address": cluster.address,
            "client": f"ray://127.0.0.1:{client}",
            "jobs": f"http://127.0.0.1:{jobs}",
        }
        print(json.dumps(reached), flush=True)
        sys.stdin.read()
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    hold(json.loads(sys.argv[1]))
