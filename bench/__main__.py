"""Runs the chosen workloads on the chosen systems, and reports the results.

The run keeps its rounds, the publishable results and a plot of them in `.bench/results`.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType

from bench.measure.rounds import measure
from bench.measure.timings import WorkloadResult
from bench.measure.until_failure import until_failure
from bench.options import Options, parse
from bench.report import plot, published, rounds_file
from bench.report.footprints import footprints
from bench.report.summary import by_family, summarised
from bench.report.table import tables
from bench.workloads import pace
from bench.workloads.registry import all_workloads


def main() -> None:
    options = parse(sys.argv[1:])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    known = rounds_file.measured(options) if options.resume else []
    results = {result.path: result for result in known}

    def keep(result: WorkloadResult) -> None:
        results[result.path] = result
        rounds_file.write(list(results.values()), options)

    workloads = all_workloads(options.sizes)
    with pace.counted():
        failure = until_failure(measure(workloads, dict(results), options), keep)
    report(list(results.values()), options)
    if failure is not None:
        raise SystemExit(failure)


def report(results: list[WorkloadResult], options: Options) -> None:
    """Write the publishable results, draw the plot and print the tables."""
    if results:
        summaries = [summarised(result) for result in results]
        header = rounds_file.header(options)
        for family, members in by_family(summaries).items():
            published.write(options.results / f"{family}.json", members, header)
        for kind in ("png", "svg"):
            plot.write(summaries, options.results / f"results.{kind}")
        print(f"\n{tables(summaries)}")
        if costs := footprints(summaries):
            print(f"\n{costs}")
        paced = [summarised(result.at_one_pace()) for result in results if result.has_pace]
        if at_one_pace := tables(paced):
            print(f"\nas if the machine had always been at its fastest pace:\n\n{at_one_pace}")
        print(f"\nwritten to {options.results}")


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
