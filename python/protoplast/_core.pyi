"""The compiled part: planning, parsing and rendering."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, final

__all__ = [
    "CUDA_VARIABLE",
    "LAYOUT_VARIABLE",
    "MEMORY_VARIABLE",
    "THREAD_VARIABLES",
    "ClusterCommand",
    "Decision",
    "Layout",
    "LayoutError",
    "NotInEffectError",
    "Plan",
    "ProtoplastError",
    "Run",
    "ScanTuner",
    "SplitBlocked",
    "TaskTooLargeError",
    "Worker",
    "__version__",
    "as_layout",
    "calls_at_once",
    "can_grow",
    "check_created",
    "draw_status",
    "environment",
    "files_being_written",
    "fits_prestarted_process",
    "has_computed",
    "is_worth_a_hint",
    "machine",
    "memory_drift",
    "most_workers",
    "numa_nodes",
    "parent_variable",
    "pin_worker",
    "plan",
    "planned_report",
    "reads_remote_files",
    "retry_after_s",
    "run_command",
    "unpinned_nodes",
    "visible_devices",
    "why_not_in_effect",
    "worker_report",
    "worker_table",
]

CUDA_VARIABLE: str
LAYOUT_VARIABLE: str
MEMORY_VARIABLE: str
THREAD_VARIABLES: tuple[str, ...]

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
    """How the nodes of a cluster are cut into workers.

    Immutable, hashable and picklable. `str()` gives the text that `parse` reads. The options of every
    kind, where it takes them:

    - `max_workers`: the most workers of a node, from 1 to 65536; it takes workers away and does not
      change what a worker is.
    - `gpus`: `first` (the first worker of a node has its GPUs; the default) or `spread` (each worker has
      its own, as far as they go).
    - `memory`: the part of a node's memory that is handed out, above 0 and at most 1 (the default), with
      at most 6 decimals.
    - `threads`: the compute threads of a worker, from 1 to 65536; its CPUs by default.
    - `pin`: `core` or `numa`, to what workers are pinned; they are not by default.
    - `pin_fallback`: whether a worker that cannot be pinned runs as it is; False by default.
    - `startup`: `eager` (all workers are up before the first query) or `progressive` (the first of each
      node is); `auto` is progressive by default, the other kinds are eager.
    - `split`: whether the scans of a query are split and merged so that each slot has work; True by
      default. With False each scan has the tasks that Daft makes of it.
    """

    @staticmethod
    def parse(text: str) -> Layout:
        """Read the text form: a kind, then options, with commas between; or rules.

        Args:
            text: `per-core`, `per-node`, `per-numa`, `per-gpu`, `cpus-per-worker=K` or
                `workers-per-node=N`, then `max-workers=M`, `gpus=first` or `gpus=spread`, `memory=0.9`,
                `threads=T`, `pin=core` or `pin=numa`, `pin-fallback=true`, `startup=eager` or
                `startup=progressive`, and `split=false` if wanted. Or, if nodes differ, rules as
                for `by_node`: `resource=GPU -> per-gpu; * -> per-core`.

        Raises:
            LayoutError: The text is not a layout; the message names the word and what is allowed.
        """

    @staticmethod
    def by_node(rules: Sequence[tuple[str, Layout | str]]) -> Layout:
        """A layout that differs by node.

        Args:
            rules: Selectors and the layouts of the nodes that they select. The first that selects a node
                wins; a node that none selects is cut as by `per_node()`. A selector is `*`,
                `id=<NodeID>`, `address=<address>`, `resource=<name>` (the node has it, above 0),
                `label=<key>` or `label=<key>:<value>`.

        Raises:
            LayoutError: One is no selector or no layout, or a layout has rules itself.
        """

    @staticmethod
    def per_core(
        *,
        max_workers: int | None = None,
        gpus: str | None = None,
        memory: float | None = None,
        threads: int | None = None,
        pin: str | None = None,
        pin_fallback: bool | None = None,
        startup: str | None = None,
        split: bool | None = None,
    ) -> Layout:
        """A worker of exactly 1 CPU for each CPU of a node."""

    @staticmethod
    def per_node(
        *,
        memory: float | None = None,
        threads: int | None = None,
        pin: str | None = None,
        pin_fallback: bool | None = None,
    ) -> Layout:
        """One worker with all that the node has, as Daft starts it itself."""

    @staticmethod
    def per_numa(
        *,
        max_workers: int | None = None,
        gpus: str | None = None,
        memory: float | None = None,
        threads: int | None = None,
        pin: str | None = None,
        pin_fallback: bool | None = None,
        startup: str | None = None,
        split: bool | None = None,
    ) -> Layout:
        """A worker for each NUMA node, with the CPUs of a node split in proportion to theirs.

        Nodes have to be planned with `NumaNodes`.
        """

    @staticmethod
    def per_gpu(
        *,
        max_workers: int | None = None,
        memory: float | None = None,
        threads: int | None = None,
        pin: str | None = None,
        pin_fallback: bool | None = None,
        startup: str | None = None,
        split: bool | None = None,
    ) -> Layout:
        """A worker for each GPU, with the CPUs of a node split among them; one without GPUs."""

    @staticmethod
    def cpus_per_worker(
        cpus: int,
        *,
        max_workers: int | None = None,
        gpus: str | None = None,
        memory: float | None = None,
        threads: int | None = None,
        pin: str | None = None,
        pin_fallback: bool | None = None,
        startup: str | None = None,
        split: bool | None = None,
    ) -> Layout:
        """Workers of `cpus` CPUs; the last worker of a node has what is left."""

    @staticmethod
    def workers_per_node(
        workers: int,
        *,
        max_workers: int | None = None,
        gpus: str | None = None,
        memory: float | None = None,
        threads: int | None = None,
        pin: str | None = None,
        pin_fallback: bool | None = None,
        startup: str | None = None,
        split: bool | None = None,
    ) -> Layout:
        """`workers` workers a node, or as many as it has CPUs, with the CPUs split among them."""

    @staticmethod
    def auto(
        *,
        max_workers: int | None = None,
        gpus: str | None = None,
        memory: float | None = None,
        threads: int | None = None,
        pin: str | None = None,
        pin_fallback: bool | None = None,
        startup: str | None = None,
        split: bool | None = None,
    ) -> Layout:
        """Each query on the workers that suit it: Python code as per_core(), the rest as per_node()."""

    @staticmethod
    def default() -> Layout:
        """The layout where none is given: `per_core()`."""

    @property
    def target_layouts(self) -> list[Layout]:
        """The layouts of the workers that its queries run on where their tasks fit."""

    def needs_numa(self, nodes: Iterable[Mapping[str, Any]]) -> list[bool]:
        """Return for each node whether it is cut by its NUMA nodes, which it has to tell.

        Args:
            nodes: As `ray.nodes()` gives them.

        Raises:
            LayoutError: A node is not as it has to be.
        """

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
    def __reduce__(
        self,
    ) -> tuple[Any, tuple[str, str, int, int, int, int, int, int | None, str, int, list[int]]]: ...

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

def as_layout(given: Layout | str | Sequence[tuple[str, Layout | str]]) -> Layout:
    """Return a layout from itself, from its text or from rules as for `Layout.by_node`.

    Raises:
        LayoutError: It is none of these.
    """

def calls_at_once(begun: int, workers: int) -> int:
    """Return how many async calls a worker makes at once: its share of what one process would make.

    Args:
        begun: The calls that Daft has asked this worker for and whose batch is not done.
        workers: How many workers of the node share them.

    Returns:
        One at least.
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

def most_workers() -> int:
    """Return how many workers the machine of this process can start, by the threads that it allows."""

def machine() -> tuple[float | None, int, int | None]:
    """Read what this process may use of its machine.

    Returns:
        What the quotas of its cgroups come to in CPUs, None without one; the memory of the machine in
        bytes; the limit of its cgroups in bytes, None without one.

    Raises:
        NotInEffectError: The system does not say.
    """

def numa_nodes() -> list[tuple[int, int, int]]:
    """Return the NUMA nodes that this process may use: id, allowed CPUs, memory in bytes."""

def parent_variable(name: str) -> str | None:
    """Return an environment variable of the process that started this one; None where it has none.

    Raises:
        NotInEffectError: The system does not show that process's environment.
    """

def has_computed() -> bool:
    """Return whether Daft has computed in this process, so that it has read its environment."""

def files_being_written() -> list[str]:
    """Return the files that this process is writing, by path; not those that it only appends to.

    Raises:
        NotInEffectError: The system does not show them.
    """

def pin_worker(worker: Worker) -> str | None:
    """Pin this process, a worker's, to its CPUs or its NUMA node; all its threads, also those to come.

    Args:
        worker: The worker that it is.

    Returns:
        The CPUs, as the kernel writes a list of them; None if it is not to be pinned.

    Raises:
        NotInEffectError: There are fewer CPUs than the workers of the node have, or the system refused.
            Nothing was changed.
    """

def memory_drift(worker: Worker, variables: dict[str, str]) -> str | None:
    """Say where a worker has another memory limit than its share; None where it has just that.

    Args:
        worker: The worker as planned.
        variables: Those of its environment.
    """

def environment(worker: Worker) -> dict[str, str]:
    """Return the environment that a worker's process is to have, by name.

    These are `MEMORY_VARIABLE` and `THREAD_VARIABLES`; nothing for a `per-node` worker with all of the
    memory and its own number of threads, which is Daft's own.
    """

def fits_prestarted_process(worker: Worker) -> bool:
    """Return whether a worker can have its environment set once its process runs.

    That holds for a worker of one thread, before Daft computes in it; it needs no new process then.
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

def retry_after_s(failures: int) -> int:
    """Return how long to wait before a worker that could not start is tried again, in seconds.

    Args:
        failures: How often it could not.
    """

@final
class ClusterCommand:
    """A command that needs a live cluster, as its options were read."""

    @property
    def name(self) -> str:
        """`plan`, `status` or `doctor`."""

    @property
    def address(self) -> str | None:
        """The address of the cluster; None where it was not given."""

    @property
    def watch(self) -> bool:
        """Whether it is to be shown again and again."""

    @property
    def layout(self) -> Layout | None:
        """The layout of the plan or of the check; None for a status."""

    def answer(self, gathered: str) -> tuple[str, str, int]:
        """Decide what is printed, from what was gathered.

        Args:
            gathered: JSON. `{"unreachable": {"cause": ..., "address": ..., "said": ...}}`, or
                `{"found": ...}` with the nodes for a plan, as `ray.nodes()` gives them; the fleets for a
                status, as `protoplast.cluster_client.fleets` finds them; for a check the facts of
                `protoplast.cluster_client.check_up`.

        Returns:
            What to print to the standard output and the standard error, and the exit status.
        """

def run_command(
    arguments: Sequence[str], environment: Mapping[str, str], read_stdin: Callable[[], bytes]
) -> tuple[str, str, int] | ClusterCommand:
    """Run the command `protoplast` as far as that needs no cluster, and print nothing.

    Args:
        arguments: Those behind the name of the program.
        environment: The environment variables.
        read_stdin: Reads the standard input to its end; called only where the arguments ask for it.

    Returns:
        What to print to the standard output and the standard error, and the exit status; or the command,
        where it needs a live cluster.
    """

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

    @property
    def reads_remote(self) -> bool:
        """Whether it scans files that are elsewhere than on the driver's disk."""

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

def check_created(plan: Plan, created: Sequence[Worker], registered: Sequence[Worker]) -> None:
    """Hold the workers that Daft created, and then took into service, against a plan.

    Raises:
        NotInEffectError: They differ; the message names the first difference.
    """

def unpinned_nodes(plan: Plan, nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the nodes of a plan whose workers stay unpinned, since another node is on the same host.

    Args:
        plan: The plan.
        nodes: The nodes of the cluster, as `ray.nodes()` gives them.

    Raises:
        NotInEffectError: The layout has no `pin-fallback`; the message names the first such worker.
    """

def why_not_in_effect(
    in_force: Layout | None, fleets: Sequence[tuple[Layout, bool, Sequence[str]]]
) -> str | None:
    """Say why a layout is not in effect.

    Args:
        in_force: The layout in force, or None if the patch is not applied.
        fleets: Of each fleet the layout, whether queries of the layout in force were sent to it, and the
            states of its workers.

    Returns:
        The reason, or None if a live worker is there that runs the queries of the layout in force.
    """

def draw_status(status: str) -> str:
    """Draw a status as a page of SVG.

    Args:
        status: An object in JSON with `not_in_effect`, None or the reason, and `fleets`: of each its
            `name`, its `layout` and its `workers`, which are `WorkerReport`s.

    Raises:
        LayoutError: It is not that.
    """

def worker_report(planned: Worker, node_id: str, environment: Mapping[str, str]) -> str:
    """Return what the process of a worker says of itself. Asked within that process.

    Args:
        planned: The worker that it is.
        node_id: The `NodeID` of the node that it runs on.
        environment: Those of the variables of its share that it has, and the mask of its GPUs.

    Returns:
        A `WorkerReport` in JSON.

    Raises:
        NotInEffectError: The system does not say.
    """

def planned_report(planned: Worker, state: str) -> str:
    """Return the report of a worker that did not answer.

    Args:
        planned: The worker.
        state: Its state.

    Returns:
        A `WorkerReport` in JSON.

    Raises:
        LayoutError: There is no such state.
    """

def worker_table(reports: str) -> str:
    """Return a table of workers. What is not known of a worker is a dash.

    Args:
        reports: A list of `WorkerReport`s in JSON.

    Raises:
        LayoutError: It is not that.
    """

def visible_devices(worker: Worker) -> str:
    """Return the `CUDA_VISIBLE_DEVICES` of a worker; to be asked within its process.

    The mask of the node, which is that of the process's parent, is respected.

    Raises:
        LayoutError: The node shows fewer GPUs than Ray counts on it.
        OSError: The environment of the parent cannot be read.
    """
