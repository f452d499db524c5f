"""What a worker costs: a bare Ray actor, Daft's own worker, and protoplast's, each with one CPU.

A worker of one thread starts as stock Daft's does. A worker of more threads needs an environment, for
which Ray starts a process in two steps. So the bare actor and Daft's worker are measured with an
environment too, and protoplast's own cost is what its worker has more than those. Each worker starts
in turn, on a Ray of its own, and is read from /proc once it is idle. The run also times what
protoplast does in a worker: its import and the call that sets the worker up. Run it with `make
bench-workers`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

WITH = " with a runtime_env"
BARE, STOCK = "bare actor", "stock worker"
LAYOUTS = {"per-core": STOCK, "per-core,pin=core": STOCK, "per-core,threads=2": STOCK + WITH}
WITHIN = "protoplast in a worker"
KINDS = (BARE, BARE + WITH, STOCK, STOCK + WITH, *LAYOUTS, WITHIN)
FIGURES = ("private_mb", "pss_mb", "threads", "cpu_s")
SETTLE_S = 3.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", choices=KINDS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print("figures:" + json.dumps(measured(arguments.measure)))
        return
    figures: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    for _ in range(arguments.rounds):
        for kind in KINDS:
            figures[kind].append(in_new_process(kind))
    show(figures)


def in_new_process(kind: str) -> dict[str, float]:
    environment = {**os.environ, "DAFT_PROGRESS_BAR": "0", "DAFT_RUNNER": "ray"}
    command = [sys.executable, __file__, "--measure", kind]
    output = subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True, timeout=120
    ).stdout
    line = next(line for line in output.splitlines() if line.startswith("figures:"))
    found: dict[str, float] = json.loads(line.removeprefix("figures:"))
    return found


def measured(kind: str) -> dict[str, float]:
    """Start one worker of a kind, have it do one task, and read its memory, threads and CPU time."""
    import ray

    runtime_env = {"env_vars": {"A": "b"}} if kind.endswith(WITH) else None
    ray.init(num_cpus=1, log_to_driver=False, include_dashboard=False, runtime_env=runtime_env)
    if kind == WITHIN:
        return added_within()
    pid = bare_actor() if kind.startswith(BARE) else worker_of(kind)
    time.sleep(SETTLE_S)
    return of_process(pid)


def bare_actor() -> int:
    import ray

    class Bare:
        async def pid(self) -> int:
            return os.getpid()

    actor: Any = ray.remote(num_cpus=0)(Bare).remote()
    pid: int = ray.get(actor.pid.remote())
    globals()["kept"] = actor
    return pid


def added_within() -> dict[str, float]:
    """Set a worker up in a process with the imports of Daft's own worker, and return what that adds."""
    import ray

    class Worker:
        def added(self) -> dict[str, float]:
            import daft.runners.flotilla  # noqa: F401

            assert "protoplast" not in sys.modules
            before = of_process(os.getpid())
            cpu_s = time.process_time()
            from protoplast import _core
            from protoplast.worker import calls as worker_calls

            worker_calls.set_up(self, _core.Worker("n_cpu_0", "n", 1, 0, 1 << 30), {})
            cpu_s = time.process_time() - cpu_s
            after = of_process(os.getpid())
            return {name: after[name] - before[name] for name in FIGURES} | {"cpu_s": cpu_s}

    added: dict[str, float] = ray.get(ray.remote(num_cpus=0)(Worker).remote().added.remote())
    return added


def worker_of(kind: str) -> int:
    import daft

    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    @daft.func(return_dtype=daft.DataType.int64())
    def pid(_row: int) -> int:
        return os.getpid()

    if kind in LAYOUTS:
        apply_flotilla_patches(kind)
    rows = daft.from_pydict({"row": [1]}).select(pid(daft.col("row"))).to_pydict()["row"]
    return int(rows[0])


def of_process(pid: int) -> dict[str, float]:
    folder = Path("/proc", str(pid))
    memory = {
        line.split(":")[0]: int(line.split()[1])
        for line in (folder / "smaps_rollup").read_text().splitlines()[1:]
    }
    # The fields after the name, which may have spaces and ends with a bracket.
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return {
        "private_mb": (memory["Private_Clean"] + memory["Private_Dirty"]) / 1024,
        "pss_mb": memory["Pss"] / 1024,
        "threads": len(list((folder / "task").iterdir())),
        "cpu_s": ticks / os.sysconf("SC_CLK_TCK"),
    }


def show(figures: dict[str, list[dict[str, float]]]) -> None:
    medians = {
        kind: {name: statistics.median(run[name] for run in runs) for name in FIGURES}
        for kind, runs in figures.items()
    }
    print(f"{'':40}" + "".join(f"{name:>12}" for name in FIGURES))
    for kind, found in medians.items():
        print(f"{kind:40}" + "".join(f"{found[name]:12.3f}" for name in FIGURES))
    pairs = [(BARE + WITH, BARE), (STOCK, BARE)]
    pairs += [(kind, base) for kind in LAYOUTS for base in (BARE, LAYOUTS[kind])]
    for kind, base in pairs:
        added = {name: medians[kind][name] - medians[base][name] for name in FIGURES}
        print(f"{kind} - {base}".ljust(60) + "".join(f"{added[name]:9.3f}" for name in FIGURES))


if __name__ == "__main__":
    main()
