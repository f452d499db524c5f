"""Compares the monotonic clocks of processes, which differ between machines."""

from __future__ import annotations

from collections.abc import Iterable


def offset_ns(bounds: Iterable[tuple[int, int]], *, same_machine: bool = False) -> int:
    """Return what has to be added to one clock to get the other.

    What one process says of an event lies between two times of the other process: when that one asked,
    and when it had the answer. So each such event bounds the difference of the clocks from both sides.

    Args:
        bounds: For each event the least and the most that the difference can be, in nanoseconds.
        same_machine: Whether both processes are on one machine, whose processes have one clock.

    Returns:
        The middle of what all events allow. If they allow nothing together, because clocks have drifted,
        it is the middle of the narrowest bounds.
    """
    if same_machine:
        return 0
    every = list(bounds)
    if not every:
        return 0
    least, most = max(low for low, _ in every), min(high for _, high in every)
    if least > most:
        least, most = min(every, key=lambda bound: bound[1] - bound[0])
    return (least + most) // 2
