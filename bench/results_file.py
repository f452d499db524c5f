"""Results as JSON, from which a run can go on."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from bench.machine import machine, versions
from bench.options import Options
from bench.quiet import QuietTurns
from bench.summary import WorkloadResult


def path(options: Options) -> Path:
    return options.results / "results.json"


def write(results: list[WorkloadResult], options: Options, quiet: QuietTurns) -> None:
    """Write the file in the place of that of the last run."""
    document = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        **conditions(options),
        "quiet": quiet.summary(),
        "workloads": [as_json(result) for result in results],
    }
    file = path(options)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(document, indent=2) + "\n")
    draft.replace(file)


def measured(options: Options, quiet: QuietTurns) -> list[WorkloadResult]:
    """The workloads that the results have, whose rounds are not measured again.

    Raises:
        SystemExit: They were measured under other conditions.
    """
    file = path(options)
    if not file.exists():
        return []
    document = json.loads(file.read_text())
    for name, value in conditions(options).items():
        if document[name] != value:
            raise SystemExit(f"error: {file} is of other {name}: {document[name]}, not {value}")
    quiet.go_on(document["quiet"])
    return [from_json(workload) for workload in document["workloads"]]


def conditions(options: Options) -> dict[str, Any]:
    """What all rounds of one run have in common."""
    return {
        "machine": machine(),
        "versions": versions(),
        "options": {
            "patience_s": options.patience.as_json(),
            "quiet": options.quiet,
            "slice_s": options.slice_s.as_json(),
            "systems": list(options.systems),
            "cpus": options.cpus,
            "size": options.sizes.size,
            "scale": options.sizes.scale,
        },
    }


def as_json(result: WorkloadResult) -> dict[str, Any]:
    full = result.at_full_speed()
    figures = {
        system: {
            "median_s": round(result.median(system), 4),
            "min_s": round(min(seconds), 4),
            "max_s": round(max(seconds), 4),
            "times_stock": rounded(result.times_stock(system)),
            "part_of_limit": rounded(result.part_of_limit(system)),
            "at_full_speed": {
                "median_s": round(full.median(system), 4),
                "times_stock": rounded(full.times_stock(system)),
                "part_of_limit": rounded(full.part_of_limit(system)),
            },
            "seconds": [round(second, 4) for second in seconds],
            "speeds": [round(speed, 3) for speed in result.speeds[system]],
        }
        for system, seconds in result.seconds.items()
    }
    return {"family": result.family, "name": result.name, "systems": figures}


def from_json(workload: dict[str, Any]) -> WorkloadResult:
    figures = workload["systems"]
    seconds = {system: figures[system]["seconds"] for system in figures}
    speeds = {system: figures[system]["speeds"] for system in figures}
    return WorkloadResult(workload["family"], workload["name"], seconds, speeds)


def rounded(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio, 3)
