"""The compiled part: planning, parsing and rendering."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, final

__all__ = [
    "CUDA_VARIABLE",
    "Layout",
    "LayoutError",
    "NotInEffectError",
    "Plan",
    "ProcessReport",
    "ProtoplastError",
    "TaskTooLargeError",
    "Worker",
    "__version__",
    "as_layout",
    "can_grow",
    "numa_nodes",
    "parent_variable",
    "pin_worker",
    "plan",
    "process_report",
    "render_workers",
    "retry_after_s",
    "route",
    "verify",
    "visible_devices",
]

CUDA_VARIABLE: str

__version__: str

class ProtoplastError(Exception):
    """Base of every error of protoplast's."""

class LayoutError(ProtoplastError):
    """A layout, a node or a set of workers is not as it has to be."""

class NotInEffectError(ProtoplastError):
    """The patch is applied, but a query would not run on the workers that it stands for."""

class TaskTooLargeError(ProtoplastError):
    """A task of the query asks for more than any node of the cluster has."""

@final
class Layout:
    """How a node is cut into workers.

    Immutable, hashable and picklable. `str()` gives the text that `parse` reads. The counts are whole
    numbers from 1 to 65536. `max_workers` limits the workers of a node; it takes workers away and
    does not change what a worker is. `gpus` is `first` (the first worker of a node has its GPUs; the
    default) or `spread` (each worker has its own, as far as they go).
    """

    @staticmethod
    def parse(text: str) -> Layout:
        """Read the text form: a kind, then options, with commas between.

        Args:
            text: `per-core`, `per-node`, `cpus-per-worker=K` or `workers-per-node=N`, then
                `max-workers=M` and `gpus=first` or `gpus=spread` if wanted.

        Raises:
            LayoutError: The text is not a layout; the message names the word and what is allowed.
        """

    @staticmethod
    def per_core(*, max_workers: int | None = None, gpus: str | None = None) -> Layout:
        """A worker of exactly 1 CPU for each CPU of a node."""

    @staticmethod
    def per_node() -> Layout:
        """One worker with all that the node has, as Daft starts it itself."""

    @staticmethod
    def cpus_per_worker(
        cpus: int, *, max_workers: int | None = None, gpus: str | None = None
    ) -> Layout:
        """Workers of `cpus` CPUs; the last worker of a node has what is left."""

    @staticmethod
    def workers_per_node(
        workers: int, *, max_workers: int | None = None, gpus: str | None = None
    ) -> Layout:
        """`workers` workers a node, or as many as it has CPUs, with the CPUs split among them."""

    @staticmethod
    def default() -> Layout:
        """The layout where none is given: `per_core()`."""

    @property
    def spreads_gpus(self) -> bool:
        """Whether each worker has GPUs of its own, which its process has to be told."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, tuple[str]]: ...

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
    """

    def __new__(
        cls,
        worker_id: str,
        node_id: str,
        cpus: int,
        gpus: int,
        memory_bytes: int,
        first_gpu: int = 0,
    ) -> Worker: ...
    @property
    def first_gpu(self) -> int: ...
    @property
    def worker_id(self) -> str: ...
    @property
    def node_id(self) -> str: ...
    @property
    def cpus(self) -> int: ...
    @property
    def gpus(self) -> int: ...
    @property
    def memory_bytes(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, tuple[str, str, int, int, int, int]]: ...

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

    def by_node(self, most: int) -> list[Plan]:
        """Split the plan between nodes.

        Args:
            most: The most plans to make of it.
        """

    def to_json(self) -> str:
        """The plan as `{"layout": "...", "workers": [{"worker_id": ..., ...}, ...]}`."""

    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

def as_layout(given: Layout | str) -> Layout:
    """Return a layout from itself or from its text.

    Raises:
        LayoutError: It is neither.
    """

def can_grow(autoscaling_status: bytes | None) -> bool:
    """Return whether an autoscaler may add nodes.

    Args:
        autoscaling_status: What Ray's monitor has written under `__autoscaling_status`; None where it
            has written nothing.
    """

@final
class ProcessReport:
    """What a process has, read from the system.

    `cpus` is the list of the CPUs that it may run on, as the kernel writes it (`0-3,8`); `pss_bytes` is
    None where the system does not say; `cpu_seconds` is what it has used, in user and system together.
    """

    @property
    def pid(self) -> int: ...
    @property
    def rss_bytes(self) -> int: ...
    @property
    def pss_bytes(self) -> int | None: ...
    @property
    def threads(self) -> int: ...
    @property
    def cpus(self) -> str: ...
    @property
    def cpu_seconds(self) -> float: ...

def process_report() -> ProcessReport:
    """Read what this process has."""

def numa_nodes() -> list[tuple[int, int, int]]:
    """Return the NUMA nodes that this process may use: id, allowed CPUs, memory in bytes."""

def parent_variable(name: str) -> str | None:
    """Return an environment variable of the process that started this one; None where it has none."""

def pin_worker(to_numa: bool, widths: list[int], index: int) -> str:
    """Bind this process, one of the workers of a node, to its CPUs; all its threads, also those to come.

    Args:
        to_numa: Whether to bind to a NUMA node, with other workers, and not to CPUs of its own.
        widths: The CPUs of each worker of the node.
        index: Which of them this is, counted from 0.

    Returns:
        The CPUs, as the kernel writes a list of them.

    Raises:
        NotInEffectError: There are fewer CPUs than the workers have, or the system refused. Nothing
            was changed.
    """

def plan(
    layout: Layout | str,
    nodes: Iterable[Mapping[str, Any]],
    existing_ids: Sequence[str] | None = None,
) -> Plan:
    """Plan the workers that `nodes` should have under `layout` and do not have yet.

    Nodes that are dead or have no whole CPU or no memory get none. Memory follows the CPUs that are
    given out, floored to a byte.

    Args:
        layout: The layout or its text.
        nodes: `ray.nodes()` or a list of dicts of the same shape: `NodeID`, `Alive`, and `Resources`
            with `CPU`, `GPU` and `memory` in bytes.
        existing_ids: Ids of workers to leave out.

    Raises:
        LayoutError: The layout or a node is not as it has to be; the message names the value.
    """

def retry_after_s(failures: int) -> int:
    """Return how long to wait before a worker that could not start is tried again, in seconds.

    Args:
        failures: How often it could not.
    """

def route(
    layout: Layout | str, plan_text: str, nodes: Iterable[Mapping[str, Any]], can_grow: bool
) -> tuple[Layout, str | None]:
    """Find the layout for a query: the one asked for, or the narrowest whose workers hold its tasks.

    Args:
        layout: The layout that was asked for.
        plan_text: The distributed plan, as `DistributedPhysicalPlan.repr_ascii(False)` gives it.
        nodes: `ray.nodes()`.
        can_grow: Whether an autoscaler may add nodes.

    Returns:
        The layout, and a warning where it is another or the plan could not be read.

    Raises:
        TaskTooLargeError: A task fits no node, and none may come.
        LayoutError: A node is not as it has to be.
    """

def verify(plan: Plan, created: Sequence[Worker], registered: Sequence[Worker]) -> None:
    """Hold the workers that Daft created, and then took into service, against a plan.

    Raises:
        NotInEffectError: They differ; the message names the first difference.
    """

def render_workers(rows: Sequence[tuple[Worker, int | None, str]]) -> str:
    """Render a table of workers with the pid and the state of each."""

def visible_devices(worker: Worker) -> str:
    """Return the `CUDA_VISIBLE_DEVICES` of a worker; to be asked within its process.

    The mask of the node, which is that of the process's parent, is respected.

    Raises:
        LayoutError: The node shows fewer GPUs than Ray counts on it.
        OSError: The environment of the parent cannot be read.
    """
