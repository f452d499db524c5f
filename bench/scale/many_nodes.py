"""What splitting a scan below a join or a sort costs: references, CPU time and bytes.

A cluster of several nodes is started on this machine (`ray.cluster_utils.Cluster`), and each node is
said to have several CPUs. A UDF reads a scan of few files, which protoplast splits, and a shuffle
follows. Run it as `python -m bench.scale.many_nodes`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.scale.cpu_times import cpu_times
from bench.scale.results import write
from protoplast.seams.runner_actor import RUNNER_NAMESPACE

NODES = 8
CPUS = 8
# The rows of all files, and the row groups of each.
ROWS = 640_000
GROUPS = 64
FILES = (8, 64)
SYSTEMS = ("stock", "auto")
# How often the references of the runner are counted, in seconds.
INTERVAL_S = 0.1
TIMEOUT_S = 1200


@dataclass(frozen=True)
class Point:
    """One query.

    Args:
        system: `stock`, or the layout.
        query: `sort` or `join`.
        files: How many files the scan has.
        run: The number of the run with this UDF. What the first one shows, the second one knows.
        seconds: How long the query took.
        references: The most references that the runner held at once.
        runner_mb: How much the resident memory of the runner's process grew, in megabytes.
        cpu_s: The CPU time by part.
    """

    system: str
    query: str
    files: int
    run: int
    seconds: float
    references: int
    runner_mb: float
    cpu_s: dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=NODES)
    parser.add_argument("--cpus", type=int, default=CPUS)
    parser.add_argument("--files", type=numbers, default=FILES)
    parser.add_argument("--systems", type=lambda text: tuple(text.split(";")), default=SYSTEMS)
    parser.add_argument("--results", type=Path, help="where the figures are written, as JSON")
    parser.add_argument("--inputs", type=Path, default=Path(tempfile.gettempdir(), "many_nodes"))
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        for point in measured(arguments.measure, arguments):
            print("figures:" + json.dumps(asdict(point)), flush=True)
        return
    points: list[dict[str, Any]] = []
    for system in arguments.systems:
        for figures in in_new_process(system):
            points.append(figures)
            print(json.dumps(figures), flush=True)
    if arguments.results:
        write(points, arguments.results)


def numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def in_new_process(system: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "bench.scale.many_nodes", *sys.argv[1:], "--measure", system]
    environment = {**os.environ, "DAFT_PROGRESS_BAR": "0"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    lines = [line for line in done.stdout.splitlines() if line.startswith("figures:")]
    return [json.loads(line.removeprefix("figures:")) for line in lines]


def measured(system: str, arguments: argparse.Namespace) -> list[Point]:
    """Start the cluster and its fleet, and run the queries one after the other."""
    import daft
    import ray
    from ray.cluster_utils import Cluster

    node = {"num_cpus": arguments.cpus, "object_store_memory": 200 << 20}
    cluster = Cluster(initialize_head=True, head_node_args=node)
    for _ in range(arguments.nodes - 1):
        cluster.add_node(**node)
    ray.init(address=cluster.address, log_to_driver=False)
    daft.set_runner_ray(noop_if_initialized=True)
    if system != "stock":
        from protoplast.patches.daft_flotilla import apply_flotilla_patches

        apply_flotilla_patches(f"{system},startup=eager")
    sort(inputs(arguments.inputs, 1), "warm")
    join(inputs(arguments.inputs, 1), "warm")
    points = []
    for files in arguments.files:
        folder = inputs(arguments.inputs, files)
        for query in (sort, join):
            udf = f"{query.__name__}_{files}"
            for run in (1, 2):
                watch = Watch(system, query.__name__, files, run)
                query(folder, udf)
                points.append(watch.end())
    ray.shutdown()
    cluster.shutdown()
    return points


def inputs(folder: Path, files: int) -> Path:
    """Write the rows to so many files, once."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    own = folder / f"{files}-files"
    if not own.exists():
        own.mkdir(parents=True)
        random = np.random.default_rng(0)
        each = ROWS // files
        for number in range(files):
            key: Any = random.integers(0, ROWS, each)
            table = pa.table({"key": key, "value": random.random(each)})
            pq.write_table(table, own / f"{number:03}.parquet", row_group_size=each // GROUPS or 1)
    return own


def light(folder: Path, name: str) -> Any:
    """The rows of a folder, with a column by a light UDF of this name."""
    import daft

    def doubled(key: daft.Series) -> Any:
        import time

        time.sleep(0.01)
        return [2 * value for value in key.to_pylist()]

    doubled.__name__ = doubled.__qualname__ = name
    df = daft.read_parquet(f"{folder}/*.parquet")
    return df.with_column(
        "doubled", daft.func.batch(return_dtype=daft.DataType.int64())(doubled)(df["key"])
    )


def sort(folder: Path, udf: str) -> None:
    light(folder, udf).sort("doubled").collect()


def join(folder: Path, udf: str) -> None:
    one, other = light(folder, udf), light(folder, udf).select("key", "doubled")
    one.join(other, on="key", strategy="hash").collect()


class Watch:
    """Measures a query from now on, and counts the references that the runners hold.

    Args:
        system, query, files, run: What is measured, as in `Point`.
    """

    def __init__(self, system: str, query: str, files: int, run: int) -> None:
        self._what = (system, query, files, run)
        self._most = 0
        self._runners = runners()
        self._memory = self._ask()[1]
        self._grown = 0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()
        self._cpu_s = cpu_times()
        self._began = time.monotonic()

    def end(self) -> Point:
        """Return what was measured."""
        seconds = time.monotonic() - self._began
        after = cpu_times()
        self._ends.set()
        self._thread.join()
        used = {part: round(after[part] - self._cpu_s[part], 2) for part in after}
        grown = round(self._grown / 1e6, 1)
        return Point(*self._what, round(seconds, 2), self._most, grown, used)

    def _count(self) -> None:
        while not self._ends.wait(INTERVAL_S):
            count, memory = self._ask()
            self._most = max(self._most, count)
            self._grown = max(self._grown, memory - self._memory)

    def _ask(self) -> tuple[int, int]:
        import ray

        asked = [runner.__ray_call__.remote(references) for runner in self._runners]
        counts, memories = zip(*ray.get(asked), strict=True)
        return sum(counts), sum(memories)


def runners() -> list[Any]:
    """Return the runners of Daft's or of protoplast's that this driver has started."""
    import ray

    named = ray.util.list_named_actors(all_namespaces=True)
    names = [actor["name"] for actor in named if actor["namespace"] == RUNNER_NAMESPACE]
    return [ray.get_actor(name, namespace=RUNNER_NAMESPACE) for name in names]


def references(_: Any) -> tuple[int, int]:
    """Count the references of this process, and measure its resident memory in bytes."""
    from pathlib import Path

    from ray._private.worker import global_worker

    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return len(global_worker.core_worker.get_all_reference_counts()), pages * 4096


if __name__ == "__main__":
    main()
