"""What models cost, as a table in the terminal."""

from __future__ import annotations

from bench.report.summary import Summary, systems_of

NAME_WIDTH = 16
WIDTH = 25
TITLE = "time as a part of stock's, loads in so many processes, peak memory"


def footprints(results: list[Summary]) -> str:
    """A table of the workloads with models, or nothing if there are none."""
    having = [result for result in results if result.footprints]
    if not having:
        return ""
    columns = systems_of(having)
    lines = [TITLE, line("", columns)]
    lines += [line(result.name, [cell(result, name) for name in columns]) for result in having]
    return "\n".join(lines)


def cell(result: Summary, system: str) -> str:
    """For example "0.98, 4 in 4, 2110 MB"."""
    if system not in result.footprints:
        return "-"
    loads, processes, peak_mb = result.footprints[system]
    times = result.times_stock(system)
    ratio = "-" if times is None else f"{1 / times:.2f}"
    memory = "-" if peak_mb is None else f"{peak_mb} MB"
    return f"{ratio}, {loads} in {processes}, {memory}"


def line(name: str, cells: list[str]) -> str:
    return f"{name:{NAME_WIDTH}}" + "".join(f"{text:>{WIDTH}}" for text in cells)
