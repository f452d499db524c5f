"""What a task costs Daft's runner, by the number of workers and of tasks.

Daft's own runner and scheduler get many workers, and a few real actors stand behind all of them. So the
runner's part is real, and the time until the last task has ended is not: the actors share the cores of
this machine. Run it as `python -m bench.scale.many_workers`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.scale.results import write
from protoplast import _core

# The real actors that stand behind the workers.
ACTORS = 2
WORKERS = (2, 100, 640, 6400)
TASKS = (600, 2500)
# How the slots of the last measurement are cut into workers: as many slots, on fewer workers.
WIDE = 64
TIMEOUT_S = 900


@dataclass(frozen=True)
class Point:
    """One measurement.

    Args:
        workers: How many workers the fleet has.
        cpus: The slots of each worker.
        is_grouped: Whether the scheduler sees groups of workers, as protoplast shows it, and not each.
        tasks: The tasks of the query.
        runner_ms: The CPU time of the runner's process for each task, in milliseconds.
        seconds: How long the query took.
        runner_mb: The resident memory of the runner's process after the query.
    """

    workers: int
    cpus: int
    is_grouped: bool
    tasks: int
    runner_ms: float
    seconds: float
    runner_mb: float

    @property
    def expected_ms(self) -> float:
        """What the cost model expects, which counts the workers of a large fleet in groups."""
        return _core.hand_out_ms(self.workers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=numbers, default=WORKERS)
    parser.add_argument("--tasks", type=numbers, default=TASKS)
    parser.add_argument("--results", type=Path, help="where the figures are written, as JSON")
    parser.add_argument("--measure", type=numbers, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print("figures:" + json.dumps(asdict(measured(*arguments.measure))))
        return
    fleets = [(workers, 1, 0) for workers in arguments.workers]
    if (most := max(arguments.workers)) > WIDE:
        fleets += [(most, 1, 1), (most // WIDE, WIDE, 0)]
    points = []
    title = f"{'workers':>16}{'CPUs each':>10}{'tasks':>8}{'ms a task':>11}"
    print(f"{title}{'model':>7}{'ratio':>7}{'seconds':>9}{'MB':>7}")
    for tasks in arguments.tasks:
        for fleet in fleets:
            point = in_new_process(*fleet, tasks)
            points.append(asdict(point))
            workers = f"{point.workers}{' in groups' if point.is_grouped else ''}"
            model = f"{point.expected_ms:7.2f}{point.expected_ms / point.runner_ms:7.2f}"
            figures = f"{point.runner_ms:11.2f}{model}{point.seconds:9.2f}{point.runner_mb:7.0f}"
            print(f"{workers:>16}{point.cpus:10}{tasks:8}{figures}", flush=True)
    if arguments.results:
        write(points, arguments.results)


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


def in_new_process(*measurement: int) -> Point:
    command = [sys.executable, "-m", "bench.scale.many_workers"]
    command += ["--measure", ",".join(map(str, measurement))]
    environment = {**os.environ, "DAFT_PROGRESS_BAR": "0"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    line = next(line for line in done.stdout.splitlines() if line.startswith("figures:"))
    return Point(**json.loads(line.removeprefix("figures:")))


def measured(workers: int, cpus: int, is_grouped: int, tasks: int) -> Point:
    """Run a query of as many tasks on as many workers, and read what the runner has used for it."""
    import daft
    import ray
    from daft.runners.flotilla import FlotillaRunner

    ray.init(num_cpus=ACTORS, include_dashboard=False, log_to_driver=False)
    daft.set_runner_ray(noop_if_initialized=True)
    # Daft finds the runner by its name when the first query begins.
    runner = FlotillaRunner().runner
    ray.get(runner.__ray_call__.remote(have_workers, workers, cpus, is_grouped))
    daft.range(0, ACTORS, partitions=ACTORS).count().collect()
    query = daft.range(0, tasks, partitions=tasks).count()
    cpu_s, _ = ray.get(runner.__ray_call__.remote(used))
    began = time.monotonic()
    (rows,) = query.to_pydict().values()
    seconds = time.monotonic() - began
    assert rows == [tasks]
    used_s, resident_mb = ray.get(runner.__ray_call__.remote(used))
    ray.shutdown()
    runner_ms = (used_s - cpu_s) / tasks * 1000
    return Point(
        workers,
        cpus,
        bool(is_grouped),
        tasks,
        round(runner_ms, 3),
        round(seconds, 2),
        round(resident_mb),
    )


def have_workers(_actor: Any, workers: int, cpus: int, is_grouped: int) -> None:
    """Have Daft's runner, in its process, find many workers with a few actors behind them."""
    import ray
    from daft.runners import flotilla

    from protoplast.runner.groups.fleet_groups import WorkerGroups
    from protoplast.runner.groups.group import Member

    make = flotilla.RaySwordfishActor.options(num_cpus=0)
    actors = [make.remote(num_cpus=1, num_gpus=0) for _ in range(ACTORS)]
    addresses = ray.get([actor.get_address.remote() for actor in actors])

    nodes = [
        {"NodeID": f"node{number}", "Alive": True, "Resources": {"CPU": WIDE, "memory": WIDE << 30}}
        for number in range(max(1, workers * cpus // WIDE))
    ]
    plan = _core.plan(f"cpus-per-worker={cpus}", nodes)
    members = {}
    for number, planned in enumerate(plan.workers[:workers]):
        behind = number % ACTORS
        handle = flotilla.RaySwordfishActorHandle(actors[behind])
        members[planned.worker_id] = Member(planned, handle, (addresses[behind],))
    registered = [
        flotilla.RaySwordfishWorker(
            worker_id, of.handle, cpus, 0, of.planned.memory_bytes, *of.rest
        )
        for worker_id, of in members.items()
    ]
    if is_grouped:
        groups = WorkerGroups(flotilla.RaySwordfishWorker)
        registered = groups.grouped(list(members.values()), registered, workers)

    def start_ray_workers(existing: list[str], *_: Any) -> list[Any]:
        return [] if existing else registered

    flotilla.start_ray_workers = start_ray_workers


def used(_actor: Any) -> tuple[float, float]:
    """Return the CPU time of this process so far, in seconds, and its memory, in MB."""
    resident = int(Path("/proc/self/statm").read_text().split()[1])
    return time.process_time(), resident * os.sysconf("SC_PAGE_SIZE") / 10**6


if __name__ == "__main__":
    main()
