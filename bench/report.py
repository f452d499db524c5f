"""Results as JSON and as a plot."""

from __future__ import annotations

import datetime
import json
import statistics
from typing import Any

from bench.machine import machine, versions
from bench.options import Options
from bench.plot import figure
from bench.quiet import QuietTurns
from bench.summary import WorkloadResult

NAME = "results"


def write(results: list[WorkloadResult], options: Options, quiet: QuietTurns) -> None:
    """Write all files, each in the place of that of the last run."""
    options.results.mkdir(parents=True, exist_ok=True)
    document = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions(),
        "options": {
            "rounds": options.rounds.as_json(),
            "patience_s": options.patience.as_json(),
            "cpus": options.cpus,
            "size": options.sizes.size,
            "scale": options.sizes.scale,
        },
        "quiet": quiet.summary(),
        "workloads": [as_json(result) for result in results],
    }
    text = json.dumps(document, indent=2) + "\n"
    (options.results / f"{NAME}.json").write_text(text)
    for kind in ("png", "svg"):
        figure(results).savefig(options.results / f"{NAME}.{kind}", dpi=150, bbox_inches="tight")


def as_json(result: WorkloadResult) -> dict[str, Any]:
    figures = {
        system: {
            "median_s": round(statistics.median(seconds), 4),
            "min_s": round(min(seconds), 4),
            "max_s": round(max(seconds), 4),
            "times_stock": rounded(result.times_stock(system)),
            "part_of_limit": rounded(result.part_of_limit(system)),
            "seconds": [round(second, 4) for second in seconds],
        }
        for system, seconds in result.seconds.items()
    }
    return {"family": result.family, "name": result.name, "systems": figures}


def rounded(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio, 3)
