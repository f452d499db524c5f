"""The command `protoplast`."""

from collections.abc import Callable, Mapping, Sequence
from typing import final

from protoplast._stubs.layout import Layout

@final
class ClusterCommand:
    """A command that needs a live cluster, with its options."""

    @property
    def name(self) -> str:
        """`plan`, `status` or `doctor`."""

    @property
    def address(self) -> str | None:
        """The address of the cluster; None if none was given."""

    @property
    def watch(self) -> bool:
        """Whether the status is shown again and again."""

    @property
    def layout(self) -> Layout | None:
        """The layout of the plan or of the check; None for a status."""

    def answer(self, gathered: str) -> tuple[str, str, int]:
        """Decide what to print, from what was gathered.

        Args:
            gathered: JSON: `{"unreachable": {"cause": ..., "address": ..., "message": ...}}`, or
                `{"found": ...}`. For a plan `found` holds the nodes, in the form of `ray.nodes()`; for a
                status the fleets that `protoplast.cluster_client.fleets` finds; for a check the facts
                of `protoplast.cluster_client.check_up`.

        Returns:
            What to print to the standard output and the standard error, and the exit status.
        """

def run_command(
    arguments: Sequence[str], environment: Mapping[str, str], read_stdin: Callable[[], bytes]
) -> tuple[str, str, int] | ClusterCommand:
    """Run the command `protoplast` as far as it needs no cluster, and print nothing.

    Args:
        arguments: The arguments after the name of the program.
        environment: The environment variables.
        read_stdin: Reads the standard input to its end; called only if the arguments ask for it.

    Returns:
        What to print to the standard output and the standard error, and the exit status; or the command,
        if it needs a live cluster.
    """
