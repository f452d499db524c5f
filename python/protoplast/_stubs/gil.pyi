"""How a process uses its GIL."""

from typing import final

@final
class GilWindow:
    """How a process used its GIL over a time."""

    @property
    def held(self) -> float:
        """The part of the time in which a thread held the GIL, 0 to 1."""

    @property
    def waited(self) -> float:
        """The part of the time in which the thread that asks for the GIL waited for it, 0 to 1.

        That thread asks a hundredth of a second after its last answer, on average. One other thread that
        runs pure Python lets it wait for a third of the time; many such threads for nearly all of it.
        """

    @property
    def samples(self) -> int:
        """How often the GIL was asked for."""

@final
class GilProbe:
    """Watches the GIL of this process, in a thread that asks for it about 100 times a second.

    It does nothing before `start`. A process that is forked while the GIL is watched has no such thread:
    there the probe is as new.
    """

    def __new__(cls) -> GilProbe: ...
    def start(self) -> None:
        """Start the thread. Does nothing if it runs.

        Raises:
            OSError: The system has no thread left.
        """

    def stop(self) -> None:
        """End the thread, and wait for that. Does nothing if it does not run.

        Call it before the interpreter ends. A thread that asks for the GIL of an interpreter that ends
        gets no answer; it is waited for no longer than a second, and ends with the process.
        """

    @property
    def is_running(self) -> bool:
        """Whether the thread runs."""

    def counters(self) -> tuple[int, int, int, int]:
        """Read the counters, which only grow.

        Returns:
            For how long the GIL was watched, in microseconds; how often it was asked for; how often
            another thread held it; how long it was waited for, in microseconds.
        """

    def window(self, since: tuple[int, int, int, int] | None = None, /) -> GilWindow | None:
        """Return how the GIL was used since the counters were read; None if it was not asked for.

        Args:
            since: What `counters` returned; None for all of the time.
        """

def gil_window(
    counters: tuple[int, int, int, int], since: tuple[int, int, int, int] | None = None, /
) -> GilWindow | None:
    """Return how a GIL was used between two readings; None if it was not asked for.

    Args:
        counters: The later reading.
        since: The earlier reading; None for all of the time.
    """
