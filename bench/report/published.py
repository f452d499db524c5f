"""Writes results for publication: one file per family and one line per workload, without its rounds.

`python -m bench` writes these files beside the rounds. The files that a document cites are copied to
`bench/results`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.measure.turns import Footprint
from bench.report.summary import Figures, Summary


def write(file: Path, results: list[Summary], header: dict[str, Any]) -> None:
    """Write the results over those of the last run.

    Args:
        file: The file, as JSON.
        results: The workloads of a table.
        header: When, where and how they were measured.
    """
    fields: dict[str, tuple[str, ...]] = {"figures": Figures._fields}
    if any(result.footprints for result in results):
        fields["footprints"] = Footprint._fields
    start = json.dumps({**header, **fields}).removesuffix("}")
    lines = ",\n".join(json.dumps(as_json(result)) for result in results)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'{start},\n"workloads": [\n{lines}\n]}}\n')


def read(file: Path) -> list[Summary]:
    return [
        Summary(
            workload["family"],
            workload["name"],
            {system: Figures(*figures) for system, figures in workload["systems"].items()},
            {system: Footprint(*each) for system, each in workload.get("footprints", {}).items()},
        )
        for workload in json.loads(file.read_text())["workloads"]
    ]


def as_json(result: Summary) -> dict[str, Any]:
    figures = {system: [rounded(value) for value in of] for system, of in result.systems.items()}
    document = {"family": result.family, "name": result.name, "systems": figures}
    return {**document, "footprints": result.footprints} if result.footprints else document


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
