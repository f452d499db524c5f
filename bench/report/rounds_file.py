"""Keeps the rounds of a run as JSON, so that the run can be resumed."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from bench.measure.timings import WorkloadResult
from bench.measure.turns import Footprint
from bench.options import Options
from bench.report.machine import machine, versions


def path(options: Options) -> Path:
    return options.results / "rounds.json"


def write(results: list[WorkloadResult], options: Options) -> None:
    """Write the file over the one of the last run."""
    document = {**header(options), "workloads": [as_json(result) for result in results]}
    file = path(options)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(document, indent=2) + "\n")
    draft.replace(file)


def measured(options: Options) -> list[WorkloadResult]:
    """The workloads that the file has, whose rounds are not measured again.

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
    return [from_json(workload) for workload in document["workloads"]]


def header(options: Options) -> dict[str, Any]:
    """Return when, where and how a run that ends now was measured."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    return {"date": now, **conditions(options)}


def conditions(options: Options) -> dict[str, Any]:
    """Return the conditions that all rounds of a run have in common."""
    return {
        "machine": machine(),
        "versions": versions(),
        "options": {
            "slice_s": options.slice_s.as_json(),
            "systems": list(options.systems),
            "seldom": ["/".join(pair) for pair in options.seldom],
            "cpus": options.cpus,
            "size": options.sizes.size,
            "scale": options.sizes.scale,
            "load_s": options.sizes.load_s,
            "load_mb": options.sizes.load_mb,
        },
    }


def as_json(result: WorkloadResult) -> dict[str, Any]:
    figures: dict[str, dict[str, Any]] = {
        system: {
            "seconds": [round(second, 4) for second in seconds],
            "python_s": [round(python_s, 4) for python_s in result.python_s[system]],
        }
        for system, seconds in result.seconds.items()
    }
    for system, footprints in result.footprints.items():
        figures[system]["footprints"] = [footprint._asdict() for footprint in footprints]
    return {"family": result.family, "name": result.name, "systems": figures}


def from_json(workload: dict[str, Any]) -> WorkloadResult:
    figures = workload["systems"]
    seconds = {system: figures[system]["seconds"] for system in figures}
    python_s = {system: figures[system]["python_s"] for system in figures}
    footprints = {
        system: [Footprint(**footprint) for footprint in of["footprints"]]
        for system, of in figures.items()
        if "footprints" in of
    }
    return WorkloadResult(workload["family"], workload["name"], seconds, python_s, footprints)
