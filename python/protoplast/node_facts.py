"""What only a node itself can tell: its NUMA nodes. Each node is asked once in a process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from protoplast import _core
from protoplast.errors import NotInEffectError

logger = logging.getLogger(__name__)

# The key under which a node has its NUMA nodes, beside those that Ray gives it.
NUMA_NODES = "NumaNodes"

# How long the nodes may take to answer, in seconds; each has to start a process for it.
_ANSWER_TIMEOUT_S = 60.0

_known: dict[str, list[dict[str, int]]] = {}
_lock = threading.Lock()


def numa_nodes() -> list[dict[str, int]]:
    """Return the NUMA nodes of the machine that this process runs on, as far as it may use them."""
    return [
        {"id": numa_id, "cpus": cpus, "memory_bytes": memory_bytes}
        for numa_id, cpus, memory_bytes in _core.numa_nodes()
    ]


def with_numa_nodes(nodes: Sequence[Mapping[str, Any]], ray: Any) -> list[dict[str, Any]]:
    """Return the nodes, each that is alive with its NUMA nodes.

    Args:
        nodes: As `ray.nodes()` gives them.
        ray: The module.

    Raises:
        NotInEffectError: A node does not answer, or has no protoplast.
    """
    with _lock:
        unknown = [node for node in nodes if _can_answer(node) and node["NodeID"] not in _known]
        asked = {node["NodeID"]: _ask(node["NodeID"], ray) for node in unknown}
        for node_id, reference in asked.items():
            try:
                _known[node_id] = ray.get(reference, timeout=_ANSWER_TIMEOUT_S)
            except ray.exceptions.RayError as error:
                raise NotInEffectError(
                    f"node '{node_id}' could not be asked for its NUMA nodes, which the layout needs: "
                    f"{error}"
                ) from error
            logger.info("node %s: NUMA nodes %s", node_id, _known[node_id])
        return [
            {**node, NUMA_NODES: _known[node["NodeID"]]} if node["NodeID"] in _known else dict(node)
            for node in nodes
        ]


def _can_answer(node: Mapping[str, Any]) -> bool:
    return bool(node.get("Alive", True)) and node.get("Resources", {}).get("CPU", 0) >= 1


def _ask(node_id: str, ray: Any) -> Any:
    strategy = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(node_id, soft=False)
    task = ray.remote(num_cpus=0)(numa_nodes)
    return task.options(scheduling_strategy=strategy).remote()
