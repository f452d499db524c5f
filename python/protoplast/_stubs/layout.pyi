"""How the nodes of a cluster are divided into workers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict, final

from typing_extensions import Unpack

LAYOUT_VARIABLE: str

class _OfNodes(TypedDict, total=False):
    """The options of all kinds."""

    memory: float | None
    threads: int | None
    pin: str | None
    pin_fallback: bool | None
    keep: str | None

class _OfWholeNodes(_OfNodes, total=False):
    """The options of the kind `per-node`."""

    one_worker: str | None

class _OfGpus(_OfNodes, total=False):
    """The options of the kind `per-gpu`."""

    max_workers: int | None
    startup: str | None
    split: bool | None

class _Options(_OfGpus, total=False):
    """The options of all other kinds but `auto`."""

    gpus: str | None

class _OfAuto(_Options, total=False):
    """The options of the kind `auto`."""

    one_copy: str | None
    one_worker: str | None

@final
class Layout:
    """How the nodes of a cluster are divided into workers.

    Immutable, hashable and picklable. `str()` gives the text that `parse` reads. Each kind takes some
    of these options:

    - `max_workers`: the most workers of a node, from 1 to 65536; the limit leaves workers out and does
      not change what a worker is.
    - `gpus`: `first` (the first worker of a node gets its GPUs; the default) or `spread` (the GPUs are
      spread over the workers, as far as they go).
    - `memory`: the fraction of a node's memory that workers get, above 0 and at most 1 (the default),
      with at most 6 decimals.
    - `threads`: the compute threads of a worker, from 1 to 65536; by default as many as its CPUs.
    - `pin`: what workers are pinned to, `core` or `numa`; by default they are not pinned.
    - `pin_fallback`: whether a worker that cannot be pinned runs unpinned; False by default.
    - `startup`: `eager` (all workers start before the first query runs) or `progressive` (only the first
      worker of each node does); `auto` is progressive by default, the other kinds are eager.
    - `split`: whether the scans of a query are split and merged so that each slot has work; True by
      default. With False each scan has the tasks that Daft makes of it.
    - `keep`: how long a worker keeps the instances of class UDFs (models) after the query that used
      them, so that the next query of the same driver finds them loaded: a whole number and its unit,
      `s`, `min` or `h`, from `1s` to `24h`, such as `10min`. By default it keeps none.
    - `one_copy`: names of class UDFs with `|` between, such as `Model` or `my.module.Model|Other`. If
      all Python code of a query that could hold the GIL is of these classes, the query runs on one
      worker per node, as native work does, and its scans are not split. A name without a dot is one part
      of a UDF's name between dots (`Model` of `__main__.Model.__call__`), a name with dots is its
      beginning. If nodes have rules of their own, the names count that all nodes under `auto` have in
      common.
    - `one_worker`: which queries without Python code run as one task on one worker of a whole node:
      `auto` (those that fit it and that all nodes would not make much faster; the default of `auto`),
      `never` (the default of `per_node`), or the most bytes that such a query may read as Daft estimates
      them, such as `4GiB`. If nodes have rules of their own, it counts if all have the same.
    """

    @staticmethod
    def parse(text: str) -> Layout:
        """Read the text form: a kind and then options, separated by commas; or rules.

        Args:
            text: `per-core`, `per-node`, `per-numa`, `per-gpu`, `cpus-per-worker=K` or
                `workers-per-node=N`, then `max-workers=M`, `gpus=first` or `gpus=spread`, `memory=0.9`,
                `threads=T`, `pin=core` or `pin=numa`, `pin-fallback=true`, `startup=eager` or
                `startup=progressive`, `split=false`, `keep=10min` and, after `auto`,
                `one-copy=NAME` or `one-copy=NAME|NAME2`, and after `auto` or `per-node`
                `one-worker=auto`, `one-worker=never` or `one-worker=4GiB` if wanted. Or, if nodes
                differ, rules as in `by_node`: `resource=GPU -> per-gpu; * -> per-core`.

        Raises:
            LayoutError: The text is not a layout; the message names the keyword and what is allowed.
        """

    @staticmethod
    def by_node(rules: Sequence[tuple[str, Layout | str]]) -> Layout:
        """Make a layout of rules, which divides different nodes in different ways.

        Args:
            rules: Selectors and the layouts of the nodes that they select. The first rule that selects a
                node divides it; a node that no rule selects is divided as by `per_node()`. A selector is
                `*`, `id=<NodeID>`, `address=<address>`, `resource=<name>` (the node has more than 0 of
                it), `label=<key>` or `label=<key>:<value>`.

        Raises:
            LayoutError: A selector or a layout is invalid, or a layout has rules itself.
        """

    @staticmethod
    def per_core(**options: Unpack[_Options]) -> Layout:
        """A worker of exactly 1 CPU for each CPU of a node."""

    @staticmethod
    def per_node(**options: Unpack[_OfWholeNodes]) -> Layout:
        """One worker with all that the node has, as Daft itself starts it."""

    @staticmethod
    def per_numa(**options: Unpack[_Options]) -> Layout:
        """A worker for each NUMA node, with the CPUs of a node split in proportion.

        The nodes that are planned must have `NumaNodes`.
        """

    @staticmethod
    def per_gpu(**options: Unpack[_OfGpus]) -> Layout:
        """A worker for each GPU, with the node's CPUs split among them; one worker without GPUs."""

    @staticmethod
    def cpus_per_worker(cpus: int, **options: Unpack[_Options]) -> Layout:
        """Workers of `cpus` CPUs; the last worker of a node gets what is left."""

    @staticmethod
    def workers_per_node(workers: int, **options: Unpack[_Options]) -> Layout:
        """`workers` workers per node, or as many as it has CPUs, with the CPUs split among them."""

    @staticmethod
    def auto(**options: Unpack[_OfAuto]) -> Layout:
        """Python code runs as under `per_core()`, any other query as under `per_node()`."""

    @staticmethod
    def default() -> Layout:
        """The default layout: `per_core()`."""

    @property
    def target_layouts(self) -> list[Layout]:
        """The layouts of the workers that queries run on if their tasks fit."""

    def needs_numa(self, nodes: Iterable[Mapping[str, Any]]) -> list[bool]:
        """Return for each node whether it is divided by its NUMA nodes, which must be known for that.

        Args:
            nodes: The nodes, in the form of `ray.nodes()`. For an invalid node the answer is False.

        Raises:
            LayoutError: `nodes` is not a list.
        """

    def keep_seconds(self, node: Mapping[str, Any]) -> int | None:
        """Return how long the workers of a node keep the instances of class UDFs after a query.

        Args:
            node: The node, in the form of an entry of `ray.nodes()`.

        Returns:
            The seconds, or None if the workers keep no instances.

        Raises:
            LayoutError: `node` is invalid.
        """

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, tuple[str]]: ...

def as_layout(given: Layout | str | Sequence[tuple[str, Layout | str]]) -> Layout:
    """Return a layout from itself, from its text or from rules as in `Layout.by_node`.

    Raises:
        LayoutError: `given` is none of these.
    """
