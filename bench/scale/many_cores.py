"""What many cores would do for Python code, on a machine that has few.

One node of Ray is said to have many CPUs. A UDF that holds a lock of its process and sleeps stands for
code that holds the GIL, and uses no core. Reading, Daft, Ray and the runner do use the cores of this
machine, so their CPU time is reported beside. Run it as `python -m bench.scale.many_cores`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.scale.cpu_times import cpu_times
from bench.scale.inputs import Input, json_lines, row_groups, small_files
from bench.scale.results import write

# A row of the large inputs takes a millisecond for each CPU and second.
ROWS_PER_S = 1000
GROUPS_PER_CPU = 10
FILES = 1000
# The seconds of work on stock, which has one lock for the node.
STOCK_WORK_S = 4.0
SYSTEMS = ("stock", "auto", "per-core")
# What a fleet is waited for, in seconds.
TIMEOUT_S = 600


@dataclass(frozen=True)
class Point:
    """One query.

    Args:
        system: `stock`, or the layout.
        input: What it reads.
        cpus: The CPUs that the node is said to have.
        query: The number of the query with this UDF. What the first one shows, the second one knows.
        work_s: How long all rows hold a lock, together.
        ideal_s: The time of the work if it were divided evenly among all locks: one, on stock.
        seconds: How long the query took.
        first_s: When the first batch began to hold a lock.
        last_s: When the last batch ended.
        tasks: How many tasks protoplast says that it cut the scan into; None if it says nothing.
        batches: How many batches the rows came in.
        expected_s: What the cost model expects of that many tasks.
        cpu_s: The CPU time by part.
    """

    system: str
    input: str
    cpus: int
    query: int
    work_s: float
    ideal_s: float
    seconds: float
    first_s: float
    last_s: float
    tasks: int | None
    batches: int
    expected_s: float | None
    cpu_s: dict[str, float]

    @property
    def of_ideal(self) -> float:
        return self.ideal_s / self.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpus", type=int, default=64)
    parser.add_argument("--systems", type=lambda text: tuple(text.split(",")), default=SYSTEMS)
    parser.add_argument("--results", type=Path, help="where the figures are written, as JSON")
    parser.add_argument("--inputs", type=Path, default=Path(tempfile.gettempdir(), "many_cores"))
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        for point in measured(arguments.measure, arguments.cpus, arguments.inputs):
            print("figures:" + json.dumps(asdict(point)), flush=True)
        return
    points = []
    for system in arguments.systems:
        for point in in_new_process(system, arguments.cpus, arguments.inputs):
            points.append(asdict(point))
            print(line(point), flush=True)
    if arguments.results:
        write(points, arguments.results)


def line(point: Point) -> str:
    cpu = " ".join(f"{part} {used:.2f}" for part, used in point.cpu_s.items())
    expected = "-" if point.expected_s is None else f"{point.expected_s:.2f}"
    return (
        f"{point.system:9}{point.input:18}{point.cpus:3} CPUs query {point.query}: "
        f"{point.seconds:6.2f} s "
        f"of ideal {point.of_ideal:.2f} (first {point.first_s:.2f}, last {point.last_s:.2f}), "
        f"tasks {point.tasks}, batches {point.batches}, expected {expected}; CPU: {cpu}"
    )


def in_new_process(system: str, cpus: int, inputs: Path) -> list[Point]:
    command = [sys.executable, "-m", "bench.scale.many_cores", "--measure", system]
    command += ["--cpus", str(cpus), "--inputs", str(inputs)]
    environment = {**os.environ, "DAFT_PROGRESS_BAR": "0"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    lines = [line for line in done.stdout.splitlines() if line.startswith("figures:")]
    return [Point(**json.loads(line.removeprefix("figures:"))) for line in lines]


def measured(system: str, cpus: int, folder: Path) -> list[Point]:
    """Start the fleet, and run the queries one after the other."""
    import daft
    import ray

    ray.init(
        num_cpus=cpus, include_dashboard=False, log_to_driver=False, object_store_memory=500 << 20
    )
    daft.set_runner_ray(noop_if_initialized=True)
    if system != "stock":
        from protoplast.patches.daft_flotilla import apply_flotilla_patches

        apply_flotilla_patches(f"{system},startup=eager")
    rows = cpus * ROWS_PER_S
    inputs = [
        row_groups(cpus * GROUPS_PER_CPU, rows),
        json_lines(rows),
        small_files(FILES, rows),
    ]
    work_s = STOCK_WORK_S if system == "stock" else float(cpus)
    # Another UDF on the same fleet, so that all workers are up and have run a task.
    for _ in range(2):
        answer(inputs[2], "warm", 0.0001, folder)
    points = []
    for of in inputs:
        points += [point(system, of, cpus, query, work_s, folder) for query in (1, 2)]
    for tiny in (row_groups(1, 1), row_groups(10, 100)):
        points += [point(system, tiny, cpus, query, 0.001, folder) for query in (1, 2, 3)]
    ray.shutdown()
    return points


def point(system: str, of: Input, cpus: int, query: int, work_s: float, folder: Path) -> Point:
    before = cpu_times()
    began = time.monotonic()
    name = f"{of.name}_{of.rows}"
    starts = answer(of, name, work_s / of.rows, folder)
    seconds = time.monotonic() - began
    after = cpu_times()
    tasks, expected = None, None
    locks = 1 if system == "stock" else cpus
    if system != "stock":
        from protoplast import _core, status

        tasks = tasks_of(str(status().queries[-1]))
        # A small input stays on Daft's own worker.
        expected = _core.expected_s(cpus, cpus, work_s, tasks) if tasks else None
    batches = set(starts)
    last = max(starts) + work_s / of.rows * starts.count(max(starts))
    return Point(
        system,
        name,
        cpus,
        query,
        work_s,
        work_s / locks,
        round(seconds, 3),
        round(min(starts) - began, 3),
        round(last - began, 3),
        tasks,
        len(batches),
        expected and round(expected, 3),
        {part: round(after[part] - before[part], 2) for part in after},
    )


def tasks_of(explanation: str) -> int | None:
    """How many tasks an explanation speaks of, or None."""
    found = re.search(r"in (\d+) tasks", explanation)
    return int(found[1]) if found else None


def answer(of: Input, name: str, row_s: float, folder: Path) -> list[float]:
    from bench.scale.held_lock import holding

    frame = of.frame(folder)
    starts: list[float] = frame.select(holding(name, row_s)(frame["text"])).to_pydict()["text"]
    return starts


if __name__ == "__main__":
    main()
