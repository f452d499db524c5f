"""Results as a plot: median seconds, with a line from the fastest round to the slowest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from bench import systems
from bench.report.summary import WorkloadResult, by_family, systems_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Of Okabe and Ito, which colour-blind readers can tell apart.
COLOURS = {
    systems.STOCK: "#000000",
    systems.PER_CORE: "#D55E00",
    systems.AUTO: "#E69F00",
    systems.NATIVE: "#0072B2",
    systems.USE_PROCESS: "#56B4E9",
    systems.RAY_DATA: "#009E73",
    systems.DASK: "#CC79A7",
    systems.LIMIT: "#BBBBBB",
}
PANEL_INCHES = (11.0, 3.2)


def write(results: list[WorkloadResult], folder: Path) -> None:
    """Write the plot as PNG and as SVG, in the place of that of the last run."""
    for kind in ("png", "svg"):
        figure(results).savefig(folder / f"results.{kind}", dpi=150, bbox_inches="tight")


def figure(results: list[WorkloadResult]) -> Figure:
    """A panel for each family."""
    families = by_family(results)
    width, height = PANEL_INCHES
    whole = Figure(figsize=(width, height * len(families)), layout="constrained")
    panels = whole.subplots(len(families), squeeze=False)[:, 0]
    for panel, (family, members) in zip(panels, families.items(), strict=True):
        draw(panel, family, members)
    return whole


def draw(panel: Axes, family: str, results: list[WorkloadResult]) -> None:
    """Bars side by side for the systems of each workload."""
    names = systems_of(results)
    width = 0.85 / len(names)
    for number, name in enumerate(names):
        having = [at for at, result in enumerate(results) if name in result.seconds]
        medians = [results[at].median(name) for at in having]
        lower = [results[at].median(name) - min(results[at].seconds[name]) for at in having]
        upper = [max(results[at].seconds[name]) - results[at].median(name) for at in having]
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
