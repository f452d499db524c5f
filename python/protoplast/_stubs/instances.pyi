"""Which workers build the instances of class UDFs, such as loaded models."""

from collections.abc import Sequence
from typing import final

@final
class InstanceCopies:
    """What the instance of an object costs, and how many workers have it."""

    @property
    def bytes(self) -> int:
        """The memory that the process of a worker grew by, in bytes."""

    @property
    def peak_bytes(self) -> int:
        """The memory that it grew by at most while it built the instance, in bytes."""

    @property
    def seconds(self) -> float | None:
        """How long building took, in seconds; None if that is not known."""

    @property
    def task_seconds(self) -> float | None:
        """How long a task takes that finds the instance, in seconds; None if none has ended."""

    @property
    def workers(self) -> int:
        """On the node that has the most instances: how many workers have one."""

    @property
    def of(self) -> int:
        """How many workers that node has."""

    @property
    def is_limited(self) -> bool:
        """Whether a node had no room for more instances."""

    @property
    def line(self) -> str:
        """All of this in one sentence."""

@final
class Admission:
    """Decides which worker runs a task whose rows go through class UDFs, and when.

    All times are seconds of one clock that never goes back. The key of an instance names the object that
    it is built from.
    """

    def __init__(self) -> None: ...
    def add_worker(self, worker: str, node: str, slots: int, of: int) -> None:
        """Add a worker, which runs `slots` tasks at once. A worker that is there stays as it is.

        Its node has `of` workers when all have started.
        """

    def remove_worker(self, worker: str) -> None:
        """Note that a worker is gone, with all its instances."""

    def expect(
        self,
        key: str,
        own_bytes: int,
        peak_bytes: int,
        seconds: float | None = None,
        task_seconds: float | None = None,
    ) -> None:
        """Note what is known of an instance from the user or an earlier query."""

    def expect_tasks(self, key: str, tasks: int) -> None:
        """Note how many more tasks need an instance."""

    def end_tasks(self, key: str) -> None:
        """Note that no query uses an object any more, although the workers keep its instances."""

    def set_memory(self, worker: str, available: int, total: int) -> None:
        """Note the memory of the node of a worker: what is available and what it has, in bytes."""

    def submit(
        self, task: int, position: int, worker: str, keys: Sequence[str], now: float
    ) -> None:
        """Let a task wait that Daft has sent to a worker. `keys` name the instances that it needs."""

    def cancel(self, task: int) -> None:
        """Forget a task that waits."""

    def admit(self, now: float) -> list[tuple[int, str]]:
        """Choose the tasks that run now. Returns each with the id of the worker that it goes to."""

    def has_waiting(self) -> bool:
        """Return whether tasks wait."""

    def building(self, worker: str, key: str) -> None:
        """Note that a worker begins to build an instance."""

    def built(
        self, worker: str, key: str, own_bytes: int, peak_bytes: int, seconds: float, now: float
    ) -> None:
        """Note that a worker has built an instance, and what it cost."""

    def failed(self, worker: str, key: str) -> None:
        """Note that a worker could not build an instance."""

    def ended(self, task: int, now: float) -> None:
        """Note that a task has ended, in whatever way."""

    def copies(self, key: str, name: str) -> InstanceCopies | None:
        """Return what an instance costs and how many workers have it, or None if it was never built.

        Args:
            key: The key of the instance.
            name: The name of the class, for the sentence.
        """

    def forget(self, key: str) -> None:
        """Forget an object whose instances the workers drop."""

def is_of_class(udf: str, class_name: str, /) -> bool:
    """Return whether a UDF is the class of this name or one of its methods, by their names in plans."""
