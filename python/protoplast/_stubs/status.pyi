"""What a status says, as text and as a picture."""

from collections.abc import Mapping, Sequence

from protoplast._stubs.layout import Layout
from protoplast._stubs.plan import Worker

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

def draw_status(status: str) -> str:
    """Draw a status as a page of SVG, for light and dark surroundings.

    Each fleet is a box with its nodes, and their workers in these: one by one up to 256 of them, as
    squares if there are more, with the names of those that are not as they should be.

    Args:
        status: An object in JSON with `not_in_effect`, None or the reason, and `fleets`: of each its
            `name`, its `layout` and its `workers`, which are `WorkerReport`s.

    Raises:
        LayoutError: It is not that.
    """
