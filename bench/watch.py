"""How fast the cores are while something runs on them."""

from __future__ import annotations

import functools
import multiprocessing
import os
import time
from multiprocessing.sharedctypes import SynchronizedArray

# Additions of one piece of work, some 2 ms, and the pause after it: 1 % of a core.
ADDITIONS = 60_000
PAUSE_S = 0.2
# So far apart are first looks at whether there is a piece to go by.
LOOK_S = 0.01

Mark = list[float]


class Watch:
    """A process on each core that does a small fixed piece of work again and again.

    A core that shares its silicon with another busy machine does the same work in more CPU time; what
    runs beside it on this machine does not change that by more than a few percent.

    Args:
        cpus: The cores.
    """

    def __init__(self, cpus: int) -> None:
        self.cores = sorted(os.sched_getaffinity(0))[:cpus]

    @functools.cached_property
    def sums(self) -> SynchronizedArray[float]:
        """For each core the CPU seconds of all pieces, then for each their number, then `is_busy`."""
        context = multiprocessing.get_context("spawn")
        sums = context.Array("d", 2 * len(self.cores) + 1)
        for place, core in enumerate(self.cores):
            context.Process(target=work, args=(core, place, sums), daemon=True).start()
        return sums

    def mark(self) -> Mark:
        return self.sums[:-1]

    def look(self, seconds: float) -> list[float]:
        """The mean CPU seconds of a piece now, on each core.

        Pieces follow one another without a pause, since a core that wakes up for one takes longer.
        """
        self.sums[-1] = True
        mark = self.mark()
        time.sleep(seconds)
        means = self.since(mark)
        self.sums[-1] = False
        return means

    def since(self, mark: Mark) -> list[float]:
        """The mean CPU seconds of a piece since a mark, on each core; waits for one of each."""
        count = len(self.cores)
        while True:
            done = [now - then for now, then in zip(self.mark(), mark, strict=True)]
            seconds, pieces = done[:count], done[count:]
            if all(pieces):
                return [total / number for total, number in zip(seconds, pieces, strict=True)]
            time.sleep(LOOK_S)


def work(core: int, place: int, sums: SynchronizedArray[float]) -> None:
    os.sched_setaffinity(0, {core})
    count = len(sums) // 2
    parent = os.getppid()
    while os.getppid() == parent:
        seconds = seconds_of_piece()
        with sums.get_lock():
            sums[place] += seconds
            sums[count + place] += 1
        if not sums[-1]:
            time.sleep(PAUSE_S)


def seconds_of_piece() -> float:
    started = time.thread_time()
    total = 0
    for number in range(ADDITIONS):
        total += number
    return time.thread_time() - started
