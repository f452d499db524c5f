"""On which workers a query runs, and how its scans are cut into tasks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, final

from protoplast._stubs.layout import Layout

@final
class SplitBlocked:
    """Why the files of a query are not split, as far as it is found out in Python."""

    OLDER_DAFT: SplitBlocked
    """Daft's release does not split them, or not rightly."""
    OWN_OPTIONS: SplitBlocked
    """The user has set Daft's own options for it."""

@final
class Decision:
    """On which workers a query runs, and why."""

    @property
    def layout(self) -> Layout:
        """Their layout."""

    @property
    def reason(self) -> str:
        """Why it is this one, in one sentence."""

    @property
    def warns(self) -> bool:
        """Whether the user asked for another one and should know."""

    @property
    def hint(self) -> str | None:
        """What leaves slots without work, and the remedy; None where every slot has a task."""

    @property
    def per_worker(self) -> str | None:
        """Which of Daft's limits each worker has by itself, as they cannot be divided; None if none."""

    @property
    def scan_tasks(self) -> int:
        """The tasks of all its scans."""

    @property
    def writes(self) -> bool:
        """Whether it writes, to files or by a sink; True if its plan cannot be read."""

@final
class Run:
    """Which plan of a query runs, and on which workers."""

    @property
    def is_replanned(self) -> bool:
        """Whether it is the last plan that was asked for; otherwise the one as Daft makes it."""

    @property
    def gathered(self) -> int | None:
        """Into how many partitions the rows are gathered at the end; None if they are not."""

    @property
    def decision(self) -> Decision:
        """The workers."""

@final
class ScanTuner:
    """Decides on which workers a query runs, and how its scans are cut into tasks."""

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
    ) -> ScanTuner:
        """Decide for a plan as Daft makes it.

        Args:
            layout: The layout that was asked for.
            nodes: The nodes, as for `plan`.
            plan_text: The distributed plan, as `DistributedPhysicalPlan.repr_ascii(False)` gives it.
            logical_text: The same of the optimized logical plan; empty if it is not known.
            can_replan: Whether the plan can be made anew with other options of Daft's.
            split_blocked: Why scans must stay as they are; None if they may be cut.
            may_merge: Whether the user leaves it open how many files a task reads.
            knows_output: Whether it is known how the rows leave the query.

        Raises:
            LayoutError: A node is not as it has to be.
        """

    @property
    def whole(self) -> Decision:
        """The decision for the plan as Daft makes it."""

    def tune(self, planner: Any) -> Run:
        """Find the plan to run. It asks for what it needs and for finer plans, one after the other.

        Args:
            planner: What it asks, by up to five methods. `can_grow()` returns whether an autoscaler may
                add nodes. Of a query that can be planned anew: `describe_output()` says how its rows
                leave it, `row_groups(files)` returns of each file the compressed bytes of its row
                groups, and `merge(bytes, files)` and `split(bytes, reads_remote, counts_partitions)`
                plan it with files merged or split and return the `text` and `partitions` of the plan,
                or None if that could not be read in time.

        Raises:
            TaskTooLargeError: A task fits no node, and none may come.
            LayoutError: A node is not as it has to be.
        """

def reads_remote_files(plan_text: str) -> bool:
    """Return whether a plan scans files that are not on the driver's disk.

    Args:
        plan_text: The distributed plan, as `DistributedPhysicalPlan.repr_ascii(False)` gives it.
    """

def can_grow(autoscaling_status: bytes | None) -> bool:
    """Return whether an autoscaler may add nodes.

    Args:
        autoscaling_status: What Ray's monitor has written under `__autoscaling_status`; None where it
            has written nothing.
    """

def is_worth_a_hint(seconds: float, is_first: bool) -> bool:
    """Return whether a query took so long that what left slots without work is worth a word.

    Args:
        seconds: How long it took.
        is_first: Whether it had to wait for its workers to start.
    """
