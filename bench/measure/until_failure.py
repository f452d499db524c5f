"""A run that ends early keeps what it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.measure.answers import AnswersDifferError
from bench.measure.timings import WorkloadResult
from bench.processes.child import ChildError

Keep = Callable[[WorkloadResult], None]


def until_failure(measured: Iterator[WorkloadResult], keep: Keep) -> str | None:
    """Keep each result as it comes, until the end, or until what ended the run early, which is said.

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
