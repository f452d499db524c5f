"""Run the workloads that were chosen on the systems that were chosen, and report."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from types import FrameType

from bench import cold, plot, results_file, warm
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
    results = results_file.finished(options, quiet) if options.resume else []

    def keep(result: WorkloadResult) -> None:
        results.append(result)
        results_file.write(results, options, quiet)
        quiet.keep_shortest(shortest)
        plot.write(results, options.results)

    failure = until_failure(run(options, quiet, done={result.path for result in results}), keep)
    if results:
        full = tables([result.at_full_speed() for result in results])
        print(f"\n{tables(results)}\n\nas if at full speed all the time:\n\n{full}")
        print(f"\nwritten to {options.results}")
    if failure is not None:
        raise SystemExit(failure)


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def run(options: Options, quiet: QuietTurns, done: set[str]) -> Iterator[WorkloadResult]:
    """Measure the warm workloads, each on a new Ray, then cold starts.

    What Daft and Ray keep of earlier queries slows later ones: Q20 took 5.2 s at the end of all others,
    and 2.7 s on a new Ray.
    """
    known = all_workloads(options.sizes)
    chosen = [name for name in (*known, *cold.names()) if is_chosen(name, options)]
    if not chosen:
        raise SystemExit(f"error: no workload is called {','.join(options.only)}")
    left = [name for name in chosen if name not in done]
    workloads = {name: known[name] for name in left if name in known}
    for workload in workloads.values():
        workload.write()
    for name in left:
        print(name, flush=True)
        if name not in workloads:
            yield cold.measure(name, options, quiet)
            continue
        workload = workloads[name]
        with warm.children(set(workload.systems) & set(options.systems), options) as started:
            result = warm.measure(workload, started, options, quiet)
        yield result


def is_chosen(name: str, options: Options) -> bool:
    return not options.only or name in options.only or name.partition("/")[0] in options.only


if __name__ == "__main__":
    main()
