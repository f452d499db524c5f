"""Results as tables in the terminal."""

from __future__ import annotations

from bench import system_names
from bench.report.summary import Summary, by_family, geometric_mean, systems_of

WIDTH = 16


def tables(results: list[Summary]) -> str:
    """A table for each family: median seconds, and in brackets how many times as fast as stock."""
    return "\n\n".join(table(family, members) for family, members in by_family(results).items())


def table(family: str, results: list[Summary]) -> str:
    columns = systems_of(results)
    lines = [f"{family:{WIDTH}}" + "".join(f"{name:>{WIDTH}}" for name in columns)]
    for result in results:
        cells = [cell(result, name) for name in columns]
        lines.append(f"{result.name:{WIDTH}}" + "".join(f"{text:>{WIDTH}}" for text in cells))
    means = [geometric_mean([result.times_stock(name) for result in results]) for name in columns]
    lines.append(row("times stock", means))
    if system_names.LIMIT in columns:
        parts = [
            geometric_mean([result.part_of_limit(name) for result in results]) for name in columns
        ]
        lines.append(row("of the limit", parts))
    return "\n".join(lines)


def cell(result: Summary, system: str) -> str:
    if system not in result.systems:
        return "-"
    ratio = result.times_stock(system)
    brackets = "" if ratio is None else f" ({ratio:.2f})"
    return f"{result.systems[system].median_s:.2f} s{brackets}"


def row(name: str, means: list[float | None]) -> str:
    texts = ["-" if mean is None else f"{mean:.2f}" for mean in means]
    return f"{name:{WIDTH}}" + "".join(f"{text:>{WIDTH}}" for text in texts)
