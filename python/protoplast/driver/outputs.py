"""How the rows of a query leave it, and how they are gathered before that.

A split scan leaves as many files or partitions as it has tasks. So rows are gathered below the sink if
the query writes, and at its end if it is collected. Daft's builder of a logical plan does not say what
stands below a sink, so protoplast remembers that when the sink is added.
"""

from __future__ import annotations

import contextvars
import functools
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from protoplast.seams import optional as optional_seams
from protoplast.seams.daft import Seams
from protoplast.seams.edits import Edits

# Adds a sink to a builder of a logical plan, and returns the new builder.
AddSink = Callable[[Any], Any]

# Whether the query that begins is collected, so that its results are kept.
_COLLECTS: contextvars.ContextVar[bool] = contextvars.ContextVar("collects", default=False)


@dataclass(frozen=True)
class Output:
    """How the rows of a query leave it.

    Args:
        rows: The builder of the logical plan that makes the rows.
        add_sink: Adds the sink that writes the rows, or None if the rows are collected.
    """

    rows: Any
    add_sink: AddSink | None

    @property
    def is_collected(self) -> bool:
        """Whether the rows are kept for other queries, and not written."""
        return self.add_sink is None

    def columns(self) -> list[tuple[str, str]]:
        """Return the name and type of each column, as Daft prints them."""
        return [(field.name, str(field.dtype)) for field in self.rows.schema()]

    def file_bytes(self, config: Any) -> int | None:
        """Return Daft's target size of a file, in bytes of rows, or None if no file is written.

        Args:
            config: The `PyDaftExecutionConfig` of the query.
        """
        return None if self.add_sink is None else getattr(config, optional_seams.FILE_SIZE)

    def gathered(self, partitions: int, config: Any) -> Any:
        """Return the optimized Rust builder of the same query with its rows gathered.

        Args:
            partitions: How many partitions to gather the rows into.
            config: The `PyDaftExecutionConfig` of the query.
        """
        builder = self.rows.into_partitions(partitions)
        if self.add_sink is not None:
            builder = self.add_sink(builder)
        return builder.optimize(config)._builder


@dataclass(frozen=True)
class OutputDescription:
    """What the tuner in Rust asks about the rows that a query leaves if its scans are not split.

    Args:
        partitions: How many partitions the query leaves, or None if Daft does not say.
        columns: The name and type of each column, as Daft prints them.
        file_bytes: Daft's target size of a file, in bytes of rows, or None if the rows are collected.
        can_gather: Whether Daft can gather partitions for this query.
    """

    partitions: int | None
    columns: list[tuple[str, str]]
    file_bytes: int | None
    can_gather: bool


class Outputs:
    """The queries of this process that write or collect, as far as they were seen."""

    def __init__(self) -> None:
        # By builder. None for a sink written in Python, whose tasks are work that is not to be gathered.
        self._written: weakref.WeakKeyDictionary[Any, Output | None] = weakref.WeakKeyDictionary()

    def watch(self, edits: Edits, seams: Seams) -> None:
        """Watch from now on which queries write or collect.

        Args:
            edits: Records the changes to Daft.
            seams: The checked seams.
        """
        if not optional_seams.GATHERING.is_available():
            return
        for owner, name, writes_files in optional_seams.writers():
            edits.set(owner, name, self._noting(vars(owner)[name], writes_files))
        runner = seams.ray_runner_class
        edits.set(runner, "run", _collecting(vars(runner)["run"]))

    def of(self, builder: Any) -> Output | None:
        """Return how the rows leave a query that begins now.

        Args:
            builder: The builder of the query's logical plan, as Daft was given it.

        Returns:
            The output, or None if Daft neither writes nor keeps the rows, or if that is not known.
        """
        if builder in self._written:
            return self._written[builder]
        return Output(builder, None) if _COLLECTS.get() else None

    def is_collecting(self) -> bool:
        """Return whether the query that begins now is read to its end before its rows are used."""
        return _COLLECTS.get()

    def _noting(self, original: Callable[..., Any], writes_files: bool) -> Callable[..., Any]:
        @functools.wraps(original)
        def write(builder: Any, *args: Any, **kwargs: Any) -> Any:
            def add_sink(rows: Any) -> Any:
                return original(rows, *args, **kwargs)

            written = add_sink(builder)
            self._written[written] = Output(builder, add_sink) if writes_files else None
            return written

        return write


def _collecting(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def run(*args: Any, **kwargs: Any) -> Any:
        before = _COLLECTS.set(True)
        try:
            return original(*args, **kwargs)
        finally:
            _COLLECTS.reset(before)

    return run


OUTPUTS = Outputs()
