"""How the rows of a query leave it, and what gathers them before they do.

A split scan would leave as many files or partitions as it has tasks. Rows are gathered below the sink of
a query that writes, and at the end of one that is collected. Daft's builder of a logical plan does not
give out what is below a sink, so it is remembered when the sink is added.
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

# Adds a sink to the builder of a logical plan.
AddSink = Callable[[Any], Any]

# Whether the query that begins is one whose results are kept for others.
_COLLECTS: contextvars.ContextVar[bool] = contextvars.ContextVar("collects", default=False)


@dataclass(frozen=True)
class Output:
    """How the rows of a query leave it.

    Args:
        rows: The builder of the logical plan that makes the rows.
        add_sink: Adds the sink that writes them; None if they are collected.
    """

    rows: Any
    add_sink: AddSink | None

    def columns(self) -> list[tuple[str, str]]:
        """Return the rows' columns with their types, as Daft prints them."""
        return [(field.name, str(field.dtype)) for field in self.rows.schema()]

    def file_bytes(self, config: Any) -> int | None:
        """Return the target for the size of a file in bytes of rows; None if none is written.

        Args:
            config: The `PyDaftExecutionConfig` of the query.
        """
        return None if self.add_sink is None else getattr(config, optional_seams.FILE_SIZE)

    def gathered(self, partitions: int, config: Any) -> Any:
        """Return the optimized builder, in Rust, of the same query with its rows gathered.

        Args:
            partitions: Into how many partitions.
            config: The `PyDaftExecutionConfig` of the query.
        """
        builder = self.rows.into_partitions(partitions)
        if self.add_sink is not None:
            builder = self.add_sink(builder)
        return builder.optimize(config)._builder


@dataclass(frozen=True)
class OutputDescription:
    """How the rows of a query leave it if its scans are not split, as the tuner in Rust asks for it.

    Args:
        partitions: How many partitions it leaves; None if Daft does not say.
        columns: Its columns with their types, as Daft prints them.
        file_bytes: Daft's target for the size of a file in bytes of rows; None if the rows are not
            written but collected.
        can_gather: Whether Daft can gather partitions for this query.
    """

    partitions: int | None
    columns: list[tuple[str, str]]
    file_bytes: int | None
    can_gather: bool


class Outputs:
    """What is known of the queries of this process that write or collect."""

    def __init__(self) -> None:
        # None for a sink whose tasks are the work themselves.
        self._written: weakref.WeakKeyDictionary[Any, Output | None] = weakref.WeakKeyDictionary()

    def watch(self, edits: Edits, seams: Seams) -> None:
        """See from now on which queries write or collect.

        Args:
            edits: Where the changes to Daft are recorded.
            seams: The checked seams.
        """
        if not optional_seams.GATHERING.is_available():
            return
        for owner, name, writes_files in optional_seams.writers():
            edits.set(owner, name, self._noting(vars(owner)[name], writes_files))
        runner = seams.ray_runner_class
        edits.set(runner, "run", _collecting(vars(runner)["run"]))

    def of(self, builder: Any) -> Output | None:
        """Return how the rows of a query that begins now leave it.

        Args:
            builder: The builder of its logical plan, as Daft was given it.

        Returns:
            None if they are neither written by Daft nor kept, or if that is not known.
        """
        if builder in self._written:
            return self._written[builder]
        return Output(builder, None) if _COLLECTS.get() else None

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
