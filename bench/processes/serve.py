"""One system, set up once, that answers workloads: `python -m bench.processes.serve <system>`.

Each line on stdin names a workload. The answer has the rows, the time when the query began and the
time when the rows were in this process, both by the machine's monotonic clock, and what the workload
counts.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench import system_names, systems
from bench.processes.child import say
from bench.workloads.registry import all_workloads
from bench.workloads.sizes import Sizes
from bench.workloads.workload import Rows, Workload


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.processes.serve", description=__doc__)
    parser.add_argument("system", choices=system_names.NAMES)
    parser.add_argument("--address", help="of the Ray cluster")
    parser.add_argument("--cpus", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--size", type=float, required=True)
    parser.add_argument("--scale", type=float, required=True)
    parser.add_argument("--load-s", type=float, required=True)
    parser.add_argument("--load-mb", type=int, required=True)
    given = parser.parse_args()
    sizes = Sizes(given.data, given.size, given.scale, given.load_s, given.load_mb)
    workloads = all_workloads(sizes)
    with systems.start(given.system, given.address, given.cpus) as system:
        for line in sys.stdin:
            try:
                say(timed(system, workloads[json.loads(line)]))
            except Exception:
                say({"error": traceback.format_exc()})


def timed(system: systems.System, workload: Workload) -> dict[str, Any]:
    turn = workload.of_turn()
    began = time.monotonic()
    rows = system.answer(turn)
    ended = time.monotonic()
    return {"began": began, "ended": ended, "rows": plain(rows), **turn.counted()}


def plain(rows: Rows) -> Rows:
    """Return decimals as floats. JSON writes dates as text."""
    return [
        [float(value) if isinstance(value, Decimal) else value for value in row] for row in rows
    ]


if __name__ == "__main__":
    main()
