"""The status of a cluster, as text and as a picture."""

from collections.abc import Mapping, Sequence

from protoplast._stubs.layout import Layout
from protoplast._stubs.plan import Worker

def why_not_in_effect(
    in_force: Layout | None, fleets: Sequence[tuple[Layout, bool, Sequence[str]]]
) -> str | None:
    """Return why a layout is not in effect.

    Args:
        in_force: The layout in force, or None if the patch is not applied.
        fleets: For each fleet its layout, whether queries of the layout in force were sent to it, and
            the states of its workers.

    Returns:
        The reason, or None if at least one live worker runs the queries of the layout in force.
    """

def worker_report(
    planned: Worker,
    node_id: str,
    environment: Mapping[str, str],
    gil: tuple[int, int, int, int] | None = None,
) -> str:
    """Return the report of a worker, from within its process.

    Args:
        planned: The worker as planned.
        node_id: The `NodeID` of the node that the worker runs on.
        environment: The variables of the worker's share that are set, and its `CUDA_VISIBLE_DEVICES`.
        gil: The counters of the worker's `GilProbe`; None if its GIL is not watched.

    Returns:
        A `WorkerReport` in JSON.

    Raises:
        NotInEffectError: The system does not tell.
    """

def planned_report(planned: Worker, state: str) -> str:
    """Return the report of a worker that did not answer.

    Args:
        planned: The worker.
        state: The name of its state.

    Returns:
        A `WorkerReport` in JSON.

    Raises:
        LayoutError: There is no such state.
    """

def worker_table(reports: str) -> str:
    """Return a table of workers. An unknown value is a dash.

    Args:
        reports: A list of `WorkerReport`s in JSON.

    Raises:
        LayoutError: The text has another form.
    """

def draw_status(status: str) -> str:
    """Draw a status as a page of SVG, for light and dark backgrounds.

    Each fleet is a box with its nodes, which contain their workers. Up to 256 workers are drawn one by
    one; more are drawn as squares, with the names of those that have a problem.

    Args:
        status: An object in JSON with `not_in_effect`, which is null or the reason, and `fleets`. Each
            fleet has its `name`, its `layout` and its `workers`, which are `WorkerReport`s.

    Raises:
        LayoutError: The text has another form.
    """
