"""Results as a plot: median seconds, with a line from the fastest round to the slowest.

Run as `python -m bench.report.plot <published results>... <picture>`; the picture is of the kind that
its name ends with, such as .svg.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from bench import system_names
from bench.report import published
from bench.report.summary import Summary, by_family, systems_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Of Okabe and Ito, which colour-blind readers can tell apart.
COLOURS = {
    system_names.STOCK: "#000000",
    system_names.PER_CORE: "#D55E00",
    system_names.AUTO: "#E69F00",
    system_names.NATIVE: "#0072B2",
    system_names.USE_PROCESS: "#56B4E9",
    system_names.MAX_CONCURRENCY: "#F0E442",
    system_names.RAY_DATA: "#009E73",
    system_names.DASK: "#CC79A7",
    system_names.LIMIT: "#BBBBBB",
}
PANEL_INCHES = (11.0, 3.2)


def main() -> None:
    *files, picture = map(Path, sys.argv[1:])
    write([result for file in files for result in published.read(file)], picture)


def write(results: list[Summary], picture: Path) -> None:
    """Write the plot over the one of the last run."""
    figure(results).savefig(picture, dpi=150, bbox_inches="tight")


def figure(results: list[Summary]) -> Figure:
    """A panel for each family."""
    families = by_family(results)
    width, height = PANEL_INCHES
    whole = Figure(figsize=(width, height * len(families)), layout="constrained")
    panels = whole.subplots(len(families), squeeze=False)[:, 0]
    for panel, (family, members) in zip(panels, families.items(), strict=True):
        draw(panel, family, members)
    return whole


def draw(panel: Axes, family: str, results: list[Summary]) -> None:
    """Bars side by side for the systems of each workload."""
    names = systems_of(results)
    width = 0.85 / len(names)
    for number, name in enumerate(names):
        having = [at for at, result in enumerate(results) if name in result.systems]
        figures = [results[at].systems[name] for at in having]
        medians = [of.median_s for of in figures]
        lower = [of.median_s - of.min_s for of in figures]
        upper = [of.max_s - of.median_s for of in figures]
        places = [at + (number - (len(names) - 1) / 2) * width for at in having]
        panel.bar(
            places,
            medians,
            width,
            yerr=[lower, upper],
            label=name,
            color=COLOURS[name],
            error_kw={"elinewidth": 0.8, "ecolor": "#666666"},
        )
    panel.set_title(family, loc="left")
    panel.set_ylabel("seconds")
    panel.set_xticks(range(len(results)), [result.name for result in results])
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(ncols=len(names), fontsize="small", frameon=False, loc="upper left")
    panel.margins(y=0.25)


if __name__ == "__main__":
    main()
