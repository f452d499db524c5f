"""The first query of a new process, on a Ray that has just started.

Run as `python -m bench.processes.first_query <system> <cpus>`. The process starts Ray and imports
Daft, and then says that it is ready. When it is asked, the clock starts, and the process applies the
patch, if the system has one, and runs a UDF over one row for each core, each row a task.
"""

from __future__ import annotations

import sys
import time

import daft
import ray

from bench import system_names
from bench.processes.child import say


def main() -> None:
    name, cpus = sys.argv[1], int(sys.argv[2])
    ray.init(address="local", num_cpus=cpus, include_dashboard=False, log_to_driver=False)
    daft.set_runner_ray(noop_if_initialized=True)
    say({})
    sys.stdin.readline()
    began = time.monotonic()
    if name != system_names.STOCK:
        from protoplast.patches.daft_flotilla import apply_flotilla_patches

        apply_flotilla_patches(name)
    double = daft.func(lambda row: 2 * row, return_dtype=daft.DataType.int64())
    df = daft.from_pydict({"row": list(range(cpus))}).into_partitions(cpus)
    rows = df.select(double(df["row"])).to_pydict()["row"]
    say({"began": began, "ended": time.monotonic(), "rows": [rows]})
    sys.stdin.read()
    ray.shutdown()


if __name__ == "__main__":
    main()
