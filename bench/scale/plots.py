"""Draws the results of `bench.scale`, with what the cost model expects over what was measured.

Run as `python -m bench.scale.plots`. It reads bench/results/scale_*.json and writes
docs/pictures/scale_*.svg.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from protoplast import _core

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "bench" / "results"
PICTURES = ROOT / "docs" / "pictures"
# Of Okabe and Ito, which colour-blind readers can tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73")
# What a reference costs by the model, in microseconds.
RUNNER_US, WORKER_US = _core.reference_us()
INCHES = (9.0, 3.4)
# The same text for the same figures.
SAME = {"Date": None}


def main() -> None:
    import matplotlib as mpl

    mpl.rcParams["svg.hashsalt"] = "scale"
    PICTURES.mkdir(exist_ok=True)
    drawn = {"many_workers": many_workers, "many_cores": many_cores, "many_nodes": many_nodes}
    for name, draw in drawn.items():
        file = RESULTS / f"scale_{name}.json"
        if file.exists():
            picture = PICTURES / f"scale_{name}.svg"
            figure = draw(json.loads(file.read_text()))
            figure.savefig(picture, metadata=SAME, bbox_inches="tight")


def panels(titles: tuple[str, str], x_label: str) -> tuple[Figure, Any, Any]:
    """Return a figure of two panels."""
    figure = Figure(figsize=INCHES, layout="constrained")
    left, right = figure.subplots(1, 2)
    for panel, title in zip((left, right), titles, strict=True):
        panel.set_title(title, loc="left", fontsize="medium")
        panel.set_xlabel(x_label)
        panel.spines[["top", "right"]].set_visible(False)
    return figure, left, right


def many_workers(points: list[dict[str, Any]]) -> Figure:
    """Draw the CPU time of the runner for a task, and the tasks that it hands out in a second of it."""
    titles = ("CPU time of the runner for a task, ms", "tasks in a CPU second of the runner")
    figure, left, right = panels(titles, "workers of one CPU")
    of_one_cpu = [point for point in points if point["cpus"] == 1]
    for colour, tasks in zip(COLOURS, sorted({point["tasks"] for point in points}), strict=False):
        chosen = [of for of in of_one_cpu if of["tasks"] == tasks]
        for is_grouped, marker in ((False, "o"), (True, "s")):
            own = [of for of in chosen if of["is_grouped"] == is_grouped]
            label = f"{tasks} tasks{', workers in groups' if is_grouped else ''}"
            workers = [of["workers"] for of in own]
            left.plot(workers, [of["runner_ms"] for of in own], marker, color=colour, label=label)
            right.plot(workers, [1000 / of["runner_ms"] for of in own], marker, color=colour)
    workers = sorted({of["workers"] for of in of_one_cpu})
    model = [_core.hand_out_ms(of) for of in workers]
    left.plot(workers, model, "-", color="#666666", label="model, workers in groups")
    right.plot(workers, [1000 / of for of in model], "-", color="#666666")
    for panel in (left, right):
        panel.set_xscale("log")
        panel.set_ylim(bottom=0)
    left.legend(fontsize="small", frameon=False)
    return figure


def many_cores(points: list[dict[str, Any]]) -> Figure:
    """Draw the work in a second and the part of the ideal, of each input's second query under `auto`."""
    titles = ("seconds of work in a second", "part of the ideal")
    figure, left, right = panels(titles, "slots")
    chosen = [
        of for of in points if of["system"] == "auto" and of["query"] == 2 and of["work_s"] > 1
    ]
    inputs = sorted({of["input"].rpartition("_")[0] for of in chosen})
    for colour, name in zip(COLOURS, inputs, strict=False):
        own = [of for of in chosen if of["input"].rpartition("_")[0] == name]
        own.sort(key=lambda of: of["cpus"])
        cpus = [of["cpus"] for of in own]
        left.plot(cpus, [of["work_s"] / of["seconds"] for of in own], "o", color=colour, label=name)
        right.plot(cpus, [of["ideal_s"] / of["seconds"] for of in own], "o", color=colour)
        model = [of for of in own if of["expected_s"]]
        at = [of["cpus"] for of in model]
        left.plot(at, [of["work_s"] / of["expected_s"] for of in model], "--", color=colour)
        right.plot(at, [of["ideal_s"] / of["expected_s"] for of in model], "--", color=colour)
    left.plot(cpus, cpus, ":", color="#666666", label="ideal")
    left.plot([], [], "--", color="#666666", label="model")
    right.axhline(0.8, color="#666666", linestyle=":", label="wanted")
    right.set_ylim(0, 1.05)
    left.legend(fontsize="small", frameon=False)
    right.legend(fontsize="small", frameon=False)
    return figure


def many_nodes(points: list[dict[str, Any]]) -> Figure:
    """Draw the CPU time of the runner and of the workers by the references that a query held at most."""
    figure, left, right = panels(("CPU time of the runner, s", "of the workers, s"), "references")
    for panel, part, us in ((left, "runner", RUNNER_US), (right, "workers", WORKER_US)):
        for colour, system in zip(COLOURS, sorted({of["system"] for of in points}), strict=False):
            own = [of for of in points if of["system"] == system]
            at = [of["references"] for of in own]
            panel.plot(at, [of["cpu_s"][part] for of in own], "o", color=colour, label=system)
        most = max(of["references"] for of in points)
        panel.plot([0, most], [0, us * most / 1e6], "-", color="#666666", label="model")
        panel.set_ylim(bottom=0)
    left.legend(fontsize="small", frameon=False)
    return figure


if __name__ == "__main__":
    main()
