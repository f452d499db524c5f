"""The workers of a layout on the nodes of a cluster."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, final

from protoplast._stubs.layout import Layout

@final
class Worker:
    """One worker: a process of Daft's with its share of a node.

    Args:
        worker_id: `{NodeID}_cpu_{cpu_index}`, with the index of the worker's first CPU counted from
            0; the `NodeID` itself under `per-node`, which is Daft's own id for its one worker.
        node_id: The `NodeID` of the node that it runs on.
        cpus: Whole CPUs.
        gpus: Whole GPUs.
        memory_bytes: Memory in bytes.
        first_gpu: The first of its GPUs, counted from 0 on the node; 0 where it has none.
        threads: Compute threads of Daft and of the libraries in the process; None for as many as CPUs.
        numa: The number of its NUMA node under `per-numa`, None otherwise.
        layout: How its node is cut; None for `per-core`.
        index: Which of the workers of its node it is, counted from 0.
        widths: The CPUs of each worker of its node, in their order; None if it is the only one.
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
        """`core` or `numa`; None where it is not pinned."""

    @property
    def pin_fallback(self) -> bool:
        """Whether it runs as it is where it cannot be pinned."""

    @property
    def sees_own_gpus(self) -> bool:
        """Whether its process has to be told which GPUs are its own."""

    def unpinned(self) -> Worker:
        """Return the same worker, left on all CPUs of its node."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, tuple[Any]]: ...

@final
class Plan:
    """The workers that a layout gives a cluster. `str()` is a table, `len()` the number of workers."""

    @property
    def layout(self) -> Layout: ...
    @property
    def workers(self) -> list[Worker]: ...
    def startup_timeout_s(self, own: int) -> int:
        """How long Daft should wait for these workers to start, in seconds.

        Args:
            own: Daft's own patience, for one worker a node; never less than that.
        """

    def by_startup(self) -> tuple[Plan, Plan]:
        """Split the plan into the workers to start before a query runs, and those to start beside it."""

    def only(self, worker_ids: Sequence[str]) -> Plan:
        """Return the part of the plan with these workers."""

    def in_waves(self) -> list[Plan]:
        """Split the plan into waves to be started one after the other beside a query."""

    def by_node(self, most: int) -> list[Plan]:
        """Split the plan between nodes.

        Args:
            most: The most plans to make of it.
        """

    def to_json(self) -> str:
        """The plan as `{"layout": "...", "workers": [{"worker_id": ..., ...}, ...]}`."""

    def to_svg(self) -> str:
        """Draw the plan as a page of SVG, for light and dark surroundings.

        Each node is a box with its workers, what no worker of this plan has, and the NUMA nodes that it
        has told. Nodes that look alike are drawn once.
        """

    def _repr_svg_(self) -> str:
        """The same, for notebooks."""

    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

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

    Nodes that are dead or have no whole CPU or no memory get none. Memory follows the CPUs that are
    given out, floored to a byte.

    Args:
        layout: The layout, its text or its rules.
        nodes: `ray.nodes()` or a list of dicts of the same shape: `NodeID`, `Alive`, and `Resources`
            with `CPU`, `GPU` and `memory` in bytes; for rules also `NodeManagerAddress` and `Labels`.
            A node may tell more than Ray does: under `NumaNodes` a list of
            `{"id": int, "cpus": int, "memory_bytes": int}`, under `MaxWorkers` how many workers it can
            start.
        existing_ids: Ids of workers to leave out.

    Raises:
        LayoutError: The layout or a node is not as it has to be, or a node has no room for its workers;
            the message names the value.
    """
