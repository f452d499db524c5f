"""The Ray cluster of one node that systems share: held by a process until its stdin ends.

Run as `python -m bench.processes.ray_cluster <cpus>`; the first answer is the address.
"""

from __future__ import annotations

import sys

import ray

from bench import system_names
from bench.processes.child import say


def main() -> None:
    cpus = int(sys.argv[1])
    # By default Ray ends idle worker processes beyond one per CPU. Here they stay, so that each system
    # finds the processes of its last turn, as it would on a cluster of its own.
    kept = {"num_workers_soft_limit": cpus * len(system_names.ON_RAY)}
    ray.init(address="local", num_cpus=cpus, include_dashboard=False, _system_config=kept)
    say({"address": ray.get_runtime_context().gcs_address})
    sys.stdin.read()
    ray.shutdown()


if __name__ == "__main__":
    main()
