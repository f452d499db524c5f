"""Run the workloads that were chosen on the systems that were chosen, and report."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from bench import plot, results_file
from bench.measuring import measure
from bench.options import Options, parse
from bench.quiet import QuietTurns
from bench.summary import WorkloadResult
from bench.table import tables
from bench.until_failure import until_failure
from bench.watch import Watch
from bench.workloads.registry import all_workloads


def main() -> None:
    options = parse(sys.argv[1:])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    quiet = QuietTurns(Watch(options.cpus), options.quiet)
    shortest = options.sizes.data / "shortest_piece_s"
    quiet.know_shortest(shortest)
    known = results_file.measured(options, quiet) if options.resume else []
    results = {result.path: result for result in known}

    def keep(result: WorkloadResult) -> None:
        results[result.path] = result
        results_file.write(list(results.values()), options, quiet)
        quiet.keep_shortest(shortest)

    workloads = all_workloads(options.sizes)
    failure = until_failure(measure(workloads, dict(results), options, quiet), keep)
    report(list(results.values()), options)
    if failure is not None:
        raise SystemExit(failure)


def report(results: list[WorkloadResult], options: Options) -> None:
    """Draw the plot and print the tables of all that was measured."""
    if results:
        plot.write(results, options.results)
        full = tables([result.at_full_speed() for result in results])
        print(f"\n{tables(results)}\n\nas if at full speed all the time:\n\n{full}")
        print(f"\nwritten to {options.results}")


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
