"""Keeps the results of a run that ends early."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.measure.answers import AnswersDifferError
from bench.measure.timings import WorkloadResult
from bench.processes.child import ChildError

Keep = Callable[[WorkloadResult], None]


def until_failure(measured: Iterator[WorkloadResult], keep: Keep) -> str | None:
    """Keep each result as it comes, until the run ends. If an error ends it early, print the error.

    A run takes hours, and may be cut off at any time.
    """
    try:
        for result in measured:
            keep(result)
    except (AnswersDifferError, ChildError) as error:
        return f"error: {error}"
    except KeyboardInterrupt:
        return "interrupted"
    return None
