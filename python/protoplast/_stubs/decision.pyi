"""On which workers a query runs, and into how many tasks its scans are split."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, final

from protoplast._stubs.layout import Layout

@final
class SplitBlocked:
    """Why the files of a query are not split, for the reasons that Python finds out."""

    OLDER_DAFT: SplitBlocked
    """This release of Daft does not split files, or not correctly."""
    OWN_OPTIONS: SplitBlocked
    """The user has set Daft's own options for splitting files."""

@final
class OneWorkerBlocked:
    """Why a query does not run on one worker, for the reasons that Python finds out."""

    OLDER_DAFT: OneWorkerBlocked
    """This release of Daft cannot run a whole query on one worker."""
    FAILED_BEFORE: OneWorkerBlocked
    """One worker could not run the same query earlier."""
    STREAMED: OneWorkerBlocked
    """The rows may be read as they come. Only long queries do not run on one worker for that."""
    SCATTERED_GROUPS: OneWorkerBlocked
    """The rows of most groups are far apart in the files (`Decision.groups_to_sample`)."""

@final
class Decision:
    """On which workers a query runs, and why."""

    @property
    def layout(self) -> Layout:
        """The layout of the workers."""

    @property
    def reason(self) -> str:
        """Why the query runs under this layout, in one sentence."""

    @property
    def whole_query_bytes(self) -> int | None:
        """The bytes of memory that one worker needs for the whole query; None if it runs in tasks."""

    @property
    def groups_to_sample(self) -> tuple[str, int, list[str]] | None:
        """The file, the number of rows and the key columns that tell whether tasks are faster.

        None if the query does not run on one worker, or if its rows are not so many that it matters.
        """

    @property
    def slots(self) -> int:
        """How many tasks run at once."""

    @property
    def warns(self) -> bool:
        """Whether the user asked for another layout and should be warned."""

    @property
    def hint(self) -> str | None:
        """Why slots have no work, and the remedy; None if every slot has a task."""

    @property
    def unsplit(self) -> str | None:
        """Why the scans have no more tasks; None if nothing speaks against more."""

    @property
    def cost(self) -> str | None:
        """Why the slots get fewer tasks than even out unequal ones best; None if they do not."""

    @property
    def per_worker(self) -> str | None:
        """Which of Daft's limits apply to each worker instead of to the node; None if none does."""

    @property
    def scan_tasks(self) -> int:
        """The number of tasks of all scans."""

    @property
    def writes(self) -> bool:
        """Whether the query writes, to files or to a sink; True if its plan cannot be read."""

    @property
    def python_code(self) -> list[str]:
        """The operators whose Python code runs in the workers."""

    @property
    def python_tasks(self) -> int | None:
        """How many tasks run the Python code that has the most tasks; None if that is not known."""

    @property
    def memory_bytes(self) -> int:
        """The most memory that a task of the query asks for, in bytes, or 0."""

    def work_seen(
        self, durations: Sequence[tuple[str, int]], known: Sequence[tuple[str, int, int | None]]
    ) -> list[tuple[str, int, int | None]]:
        """Return what is known of the query's Python code, after it has run to its end.

        Args:
            durations: The name of each operator in Daft's statistics, and its time in all tasks
                together, in microseconds.
            known: What was known before, in the form of the result.

        Returns:
            For each operator with Python code whose time was seen, its name as plans have it, its time
            for each MiB that the query has read, in microseconds, and the part of that time in which it
            holds the GIL, in thousandths, or None if that is not known.
        """

    def slower_shared(
        self, durations: Sequence[tuple[str, int]], known: Sequence[tuple[str, int, int | None]]
    ) -> list[str]:
        """Return the operators that took longer where their tasks share a GIL than was known of them.

        Args:
            durations: That of `work_seen`.
            known: That of `work_seen`.
        """

    @property
    def watches_gil(self) -> bool:
        """Whether workers should tell how they use their GIL while the query runs."""

    def gil_seen(
        self, durations: Sequence[tuple[str, int]], workers: Sequence[tuple[int, float, int]]
    ) -> int | None:
        """Return the part of its time in which the query's Python code has held the GIL, in thousandths.

        Args:
            durations: The name of each operator in Daft's statistics, and its time in all tasks
                together, in microseconds.
            workers: Of all workers that may have run it how many tasks each runs at once, the part of
                the time in which its GIL was held, 0 to 1, and that time, in microseconds.

        Returns:
            The part, or None if the code has run for too short a time to tell.
        """

@final
class Run:
    """Which plan of a query runs, and on which workers."""

    @property
    def is_replanned(self) -> bool:
        """Whether the last plan that was made runs; otherwise Daft's original plan runs."""

    @property
    def gathered(self) -> int | None:
        """Into how many partitions the rows are gathered at the end; None if they are not."""

    @property
    def decision(self) -> Decision:
        """The decision for the plan that runs."""

@final
class ScanTuner:
    """Decides on which workers a query runs, and into how many tasks its scans are split."""

    def __new__(
        cls,
        layout: Layout | str | Sequence[tuple[str, Layout | str]],
        nodes: Iterable[Mapping[str, Any]],
        plan_text: str,
        logical_text: str = "",
        *,
        can_replan: bool = False,
        split_blocked: SplitBlocked | None = None,
        may_merge: bool = False,
        knows_output: bool = False,
        scarce: Sequence[tuple[str, int, int]] = ...,
        work: Sequence[tuple[str, int, int | None]] = ...,
        one_worker_blocked: OneWorkerBlocked | None = None,
    ) -> ScanTuner:
        """Decide for Daft's original plan.

        Args:
            layout: The requested layout.
            nodes: The nodes, as for `plan`.
            plan_text: The distributed plan, as `DistributedPhysicalPlan.repr_ascii(False)` prints it.
            logical_text: The text of the optimized logical plan; empty if it is unknown.
            can_replan: Whether Daft can plan the query again with other options.
            split_blocked: Why the scans must not be split; None if they may be split.
            may_merge: Whether small files may be merged, because the user has set no option for it.
            knows_output: Whether it is known how the rows leave the query.
            scarce: The classes that had no room in every worker, as earlier queries have shown: the name
                of each, how many workers of a node had it, and how many workers the node had.
            work: How long Python code takes, as earlier queries have shown: the name of each operator,
                and its time for each MiB that a query reads, in microseconds.
            one_worker_blocked: Why the query cannot run on one worker; None if it can.

        Raises:
            LayoutError: A node is invalid.
        """

    @property
    def whole(self) -> Decision:
        """The decision for Daft's original plan."""

    def tune(self, planner: Any) -> Run:
        """Find the plan to run, by asking `planner` for facts and for finer plans.

        Args:
            planner: An object with up to five methods. `can_grow()` returns whether an autoscaler may
                add nodes. The others are needed if Daft can plan the query again: `describe_output()`
                returns how the rows leave the query, `row_groups(files)` returns for each file the
                compressed bytes of its row groups, and `merge(bytes, files)` and
                `split(bytes, reads_remote, counts_partitions)` plan the query with files merged or
                split and return the `text` and `partitions` of the plan, or None if the plan could not
                be read in time.

        Raises:
            TaskTooLargeError: A task fits no node, and no autoscaler may add one that it fits.
            LayoutError: A node is invalid.
        """

def reads_remote_files(plan_text: str) -> bool:
    """Return whether a plan scans files that are not on the driver's disk.

    Args:
        plan_text: The distributed plan, as `DistributedPhysicalPlan.repr_ascii(False)` prints it.
    """

def are_groups_scattered(rows: int, keys: int) -> bool:
    """Return whether the rows of most groups are far apart.

    Args:
        rows: The rows of a batch.
        keys: How many keys these have.
    """

def can_grow(autoscaling_status: bytes | None) -> bool:
    """Return whether an autoscaler may add nodes.

    Args:
        autoscaling_status: The status that Ray's monitor has written under `__autoscaling_status`;
            None if it has written none.
    """

def is_worth_a_hint(seconds: float, is_first: bool) -> bool:
    """Return whether a query took long enough that a hint about idle slots is useful.

    Args:
        seconds: How long the query took.
        is_first: Whether the query had to wait for its workers to start.
    """
