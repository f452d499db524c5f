"""A run that ends early keeps what it has."""

from __future__ import annotations

from collections.abc import Iterator

from bench.answers import AnswersDifferError
from bench.child import ChildError
from bench.summary import WorkloadResult


def until_failure(measured: Iterator[WorkloadResult]) -> tuple[list[WorkloadResult], str | None]:
    """What was measured until the end, or until what ended it early, which is said.

    A run takes hours: what it has finished is kept.
    """
    results: list[WorkloadResult] = []
    try:
        results.extend(measured)
    except (AnswersDifferError, ChildError) as error:
        return results, f"error: {error}"
    except KeyboardInterrupt:
        return results, "interrupted"
    return results, None
