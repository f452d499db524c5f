"""How the CPUs of a node are given to workers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict, final

from typing_extensions import Unpack

LAYOUT_VARIABLE: str

class _OfNodes(TypedDict, total=False):
    """The options of one worker for a whole node."""

    memory: float | None
    threads: int | None
    pin: str | None
    pin_fallback: bool | None

class _OfGpus(_OfNodes, total=False):
    """The options of a worker for each GPU, which has that one."""

    max_workers: int | None
    startup: str | None
    split: bool | None

class _Options(_OfGpus, total=False):
    """The options of every kind."""

    gpus: str | None

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
    def per_core(**options: Unpack[_Options]) -> Layout:
        """A worker of exactly 1 CPU for each CPU of a node."""

    @staticmethod
    def per_node(**options: Unpack[_OfNodes]) -> Layout:
        """One worker with all that the node has, as Daft starts it itself."""

    @staticmethod
    def per_numa(**options: Unpack[_Options]) -> Layout:
        """A worker for each NUMA node, with the CPUs of a node split in proportion to theirs.

        Nodes have to be planned with `NumaNodes`.
        """

    @staticmethod
    def per_gpu(**options: Unpack[_OfGpus]) -> Layout:
        """A worker for each GPU, with the CPUs of a node split among them; one without GPUs."""

    @staticmethod
    def cpus_per_worker(cpus: int, **options: Unpack[_Options]) -> Layout:
        """Workers of `cpus` CPUs; the last worker of a node has what is left."""

    @staticmethod
    def workers_per_node(workers: int, **options: Unpack[_Options]) -> Layout:
        """`workers` workers a node, or as many as it has CPUs, with the CPUs split among them."""

    @staticmethod
    def auto(**options: Unpack[_Options]) -> Layout:
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
            nodes: As `ray.nodes()` gives them. A node that is not as it has to be need not tell it.

        Raises:
            LayoutError: `nodes` is not a list.
        """

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, tuple[str]]: ...

def as_layout(given: Layout | str | Sequence[tuple[str, Layout | str]]) -> Layout:
    """Return a layout from itself, from its text or from rules as for `Layout.by_node`.

    Raises:
        LayoutError: It is none of these.
    """
