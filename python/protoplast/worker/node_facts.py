"""Asks a node for what only the node itself knows: its NUMA nodes, and how many workers it can start.

A process asks each node once, and only if the layout depends on the answer.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from protoplast import _core
from protoplast.errors import NotInEffectError
from protoplast.worker.versions import could_not_import

logger = logging.getLogger(__name__)

# How long a node may take to answer, in seconds. It has to start a process first.
_ANSWER_TIMEOUT_S = 60.0

# A node with fewer CPUs is not asked how many workers it can start.
_MANY_CPUS = 64

_known: dict[str, dict[str, Any]] = {}
_lock = threading.Lock()


def facts() -> dict[str, Any]:
    """Return the facts of this process's machine, under the keys that `plan` reads."""
    numa_nodes = [
        {"id": numa_id, "cpus": cpus, "memory_bytes": memory_bytes}
        for numa_id, cpus, memory_bytes in _core.numa_nodes()
    ]
    return {"NumaNodes": numa_nodes, "MaxWorkers": _core.most_workers()}


def with_facts(
    layout: _core.Layout, nodes: Sequence[Mapping[str, Any]], ray: Any
) -> list[dict[str, Any]]:
    """Return the nodes, with their own facts added if the layout depends on them.

    Args:
        layout: The layout.
        nodes: The nodes, as `ray.nodes()` gives them.
        ray: The `ray` module.

    Raises:
        NotInEffectError: The layout needs the NUMA nodes of a node that does not answer.
    """
    by_numa = {
        node["NodeID"]: needed for node, needed in zip(nodes, layout.needs_numa(nodes), strict=True)
    }
    with _lock:
        asked = {
            node_id: _ask(node_id, ray)
            for node in nodes
            if (node_id := node["NodeID"]) not in _known
            and _is_asked(layout, node, by_numa[node_id])
        }
        for node_id, reference in asked.items():
            try:
                _known[node_id] = ray.get(reference, timeout=_ANSWER_TIMEOUT_S)
            except ray.exceptions.RayError as error:
                reason = _why_silent(error)
                if by_numa[node_id]:
                    raise NotInEffectError(
                        f"node '{node_id}' could not be asked for its NUMA nodes, which the layout "
                        f"'{layout}' needs: {reason}"
                    ) from error
                logger.warning(
                    "node %s: it does not say how many workers it can start: %s", node_id, reason
                )
                _known[node_id] = {}
            logger.info("node %s: %s", node_id, _known[node_id])
        return [{**node, **_known.get(node["NodeID"], {})} for node in nodes]


def _why_silent(error: Exception) -> str:
    if could_not_import(error):
        return f"protoplast {_core.__version__} is not installed there"
    return str(error)


def _is_asked(layout: _core.Layout, node: Mapping[str, Any], by_numa: bool) -> bool:
    if not node.get("Alive", True) or layout == _core.Layout.per_node():
        return False
    cpus = node.get("Resources", {}).get("CPU", 0)
    return bool(cpus >= (1 if by_numa else _MANY_CPUS))


def _ask(node_id: str, ray: Any) -> Any:
    strategy = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(node_id, soft=False)
    return ray.remote(num_cpus=0)(facts).options(scheduling_strategy=strategy).remote()
