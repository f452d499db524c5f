"""The workers of a layout on the nodes of a cluster."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, final

from protoplast._stubs.layout import Layout

@final
class Worker:
    """One worker: a Daft process with its share of a node.

    Args:
        worker_id: `{NodeID}_cpu_{cpu_index}`, with the index of the worker's first CPU counted from
            0; the `NodeID` itself under `per-node`, which is Daft's own id for its one worker.
        node_id: The `NodeID` of the node that the worker runs on.
        cpus: Whole CPUs.
        gpus: Whole GPUs.
        memory_bytes: Memory, in bytes.
        first_gpu: The first of its GPUs, counted from 0 on the node; 0 if it has none.
        threads: The compute threads of Daft and of the libraries in the process; None for one per CPU.
        numa: The number of the worker's NUMA node under `per-numa`, or None.
        layout: How the node is divided; None for `per-core`.
        index: The index of the worker among the workers of its node, counted from 0.
        widths: How many CPUs each worker of the node has, in order; None if there is only this one.
    """

    def __new__(
        cls,
        worker_id: str,
        node_id: str,
        cpus: int,
        gpus: int,
        memory_bytes: int,
        first_gpu: int = 0,
        threads: int | None = None,
        numa: int | None = None,
        layout: Layout | str | None = None,
        index: int = 0,
        widths: Sequence[int] | None = None,
    ) -> Worker: ...
    @property
    def worker_id(self) -> str: ...
    @property
    def node_id(self) -> str: ...
    @property
    def cpus(self) -> int: ...
    @property
    def gpus(self) -> int: ...
    @property
    def first_gpu(self) -> int: ...
    @property
    def memory_bytes(self) -> int: ...
    @property
    def threads(self) -> int: ...
    @property
    def numa(self) -> int | None: ...
    @property
    def layout(self) -> Layout: ...
    @property
    def index(self) -> int: ...
    @property
    def widths(self) -> list[int]: ...
    @property
    def pin(self) -> str | None:
        """What the worker is pinned to, `core` or `numa`; None if it is not pinned."""

    @property
    def pin_fallback(self) -> bool:
        """Whether the worker runs unpinned if it cannot be pinned."""

    @property
    def sees_own_gpus(self) -> bool:
        """Whether the worker's process must be given its own `CUDA_VISIBLE_DEVICES`."""

    def unpinned(self) -> Worker:
        """Return the same worker without pinning."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, tuple[Any]]: ...

@final
class Plan:
    """The workers that a layout gives a cluster. `str()` is a table, `len()` their number."""

    @property
    def layout(self) -> Layout: ...
    @property
    def workers(self) -> list[Worker]: ...
    def startup_timeout_s(self, own: int) -> int:
        """Return how long Daft should wait for these workers to start, in seconds.

        Args:
            own: Daft's own timeout, for one worker per node; the result is never less.
        """

    def by_startup(self) -> tuple[Plan, Plan]:
        """Split the plan into the workers to start before a query runs, and those to start during it."""

    def only(self, worker_ids: Sequence[str]) -> Plan:
        """Return the part of the plan that has these workers."""

    def covers(self, bundles: Sequence[dict[str, float]]) -> bool:
        """Return whether the workers have together what these bundles of Ray's ask for.

        Args:
            bundles: Amounts of `CPU`, `GPU` and `memory` in bytes. Nothing else is covered.
        """

    def in_waves(self) -> list[Plan]:
        """Split the plan into waves to be started one after the other while a query runs."""

    def by_node(self, most: int) -> list[Plan]:
        """Split the plan by nodes.

        Args:
            most: The most plans to return.
        """

    def to_json(self) -> str:
        """Return the plan as `{"layout": "...", "workers": [{"worker_id": ..., ...}, ...]}`."""

    def to_svg(self) -> str:
        """Draw the plan as a page of SVG, for light and dark backgrounds.

        Each node is a box with its workers, its resources that no worker of this plan has, and its NUMA
        nodes if they are known. Nodes that look the same are drawn once.
        """

    def _repr_svg_(self) -> str:
        """Draw the plan, for notebooks."""

    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class Dealing:
    """Deals the tasks that Daft sends to a group of workers among these."""

    def __init__(self) -> None: ...
    def join(self, worker_id: str) -> int:
        """Add a worker, also in the place of one that was lost. Returns its number."""

    def deal(self) -> int | None:
        """Give a task to the worker with the fewest tasks.

        Returns:
            The number of the worker, or None if all are lost.
        """

    def ended(self, number: int) -> None:
        """Note that a task has ended that was given to the worker of this number."""

    def lose(self, number: int) -> None:
        """Note that the worker of this number has died."""

    def present(self) -> list[str]:
        """Return the ids of the workers that are there."""

    def lost(self) -> list[str]:
        """Return the ids of the workers that have died and were not replaced."""

def in_groups(workers: Sequence[Worker], fleet_workers: int) -> list[list[str]]:
    """Split workers into the groups that Daft's scheduler takes for one worker each.

    Args:
        workers: Workers of a plan.
        fleet_workers: How many workers the whole fleet has.

    Returns:
        The ids of the workers of each group. In a fleet of at most 512 workers each has one.
    """

def refresh(
    layout: Layout | str | Sequence[tuple[str, Layout | str]],
    nodes: Iterable[Mapping[str, Any]],
    existing_ids: Sequence[str],
    most: int,
) -> tuple[list[Plan], list[tuple[str | None, str]]]:
    """Plan the workers that nodes lack. A node that cannot be planned does not keep the others from it.

    Args:
        layout: The layout.
        nodes: The nodes, as `ray.nodes()` gives them.
        existing_ids: The ids of the workers that there are.
        most: In how many parts at most, split between nodes.

    Returns:
        The workers to start, and the nodes that get none: the id, or None if it is not known, and the
        reason.

    Raises:
        LayoutError: The layout is none, or the nodes are no list.
    """

def plan(
    layout: Layout | str | Sequence[tuple[str, Layout | str]],
    nodes: Iterable[Mapping[str, Any]],
    existing_ids: Sequence[str] | None = None,
) -> Plan:
    """Plan the workers that `nodes` should have under `layout` and do not have yet.

    Nodes that are dead or have no whole CPU or no memory get no workers. Memory is shared in proportion
    to each worker's CPUs, rounded down to a byte.

    Args:
        layout: The layout, its text or its rules.
        nodes: `ray.nodes()` or a list of dicts of the same shape: `NodeID`, `Alive`, and `Resources`
            with `CPU`, `GPU` and `memory` in bytes; for rules also `NodeManagerAddress` and `Labels`.
            A node may have two keys that Ray does not have: `NumaNodes`, a list of
            `{"id": int, "cpus": int, "memory_bytes": int}`, and `MaxWorkers`, how many workers the node
            can start.
        existing_ids: Ids of workers to leave out.

    Raises:
        LayoutError: The layout or a node is invalid, or a node cannot hold its workers; the message
            names the value.
    """
