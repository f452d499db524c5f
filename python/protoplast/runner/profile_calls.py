"""Functions that the driver sends into the runner actor to profile a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from protoplast import _core
from protoplast.runner.cluster_view import ClusterView
from protoplast.runner.profiling.messages import RunnerNotes
from protoplast.runner.profiling.recording import RECORDING
from protoplast.seams import runner_actor
from protoplast.worker.node_facts import with_facts


def begin_profile(_actor: Any, query: str) -> int:
    """Record the tasks of a query from now on; see `Recording.begin`.

    Args:
        _actor: The instance of `RemoteFlotillaRunner`.
        query: The id of the query.
    """
    return RECORDING.begin(query)


def end_profile(_actor: Any, query: str, functions: Sequence[str]) -> RunnerNotes | None:
    """Return what was recorded of a query, and record no more of it; see `Recording.end`.

    Args:
        _actor: The instance of `RemoteFlotillaRunner`.
        query: The id of the query.
        functions: The names of its Python functions.
    """
    view = runner_actor.start_ray_workers()
    if not isinstance(view, ClusterView):
        return RECORDING.end(query, functions, [], [])
    ray = view.flotilla.ray
    planned = _core.plan(view.layout, with_facts(view.layout, ray.nodes(), ray)).workers
    return RECORDING.end(query, functions, view.started, planned)
