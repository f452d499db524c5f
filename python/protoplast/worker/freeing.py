"""Gives memory back that a query has held."""

from __future__ import annotations

import contextlib
import gc
import sys
import threading
import types
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from protoplast.seams import runner_actor

# How long after a query has ended its last tasks may still run, in seconds: those that were cancelled,
# and those that Daft does not wait for after an error.
SECOND_LOOK_S = 2.0

# An instance that is still alive then is looked at again, each time after twice as long, up to this, in
# seconds. On a machine that is busy a task may run on for longer.
_LAST_LOOK_S = 64.0


def later(seconds: float, function: Callable[[], None]) -> None:
    """Call a function on a thread after some seconds, unless the process ends before."""
    timer = threading.Timer(seconds, function)
    timer.daemon = True
    timer.start()


def let_go(instances: Sequence[Any]) -> None:
    """Have what refers to these instances forget them, also what comes to refer to them later.

    A task that runs on after its query may still fail, and its error is kept as well.

    Args:
        instances: The instances. One that takes no weak references is let go only once.
    """
    forget_errors(instances)
    references = []
    for instance in instances:
        with contextlib.suppress(TypeError):
            references.append(weakref.ref(instance))
    _look_again(references, SECOND_LOOK_S)


def _look_again(references: Sequence[weakref.ref[Any]], after_s: float) -> None:
    def look() -> None:
        if _forget_alive(references):
            release_memory()
            if after_s < _LAST_LOOK_S:
                _look_again(references, 2 * after_s)

    if references:
        later(after_s, look)


def _forget_alive(references: Sequence[weakref.ref[Any]]) -> bool:
    """Have the errors that refer to living instances forget them. Returns whether any lives."""
    alive = [instance for reference in references if (instance := reference()) is not None]
    if alive:
        forget_errors(alive)
    return bool(alive)


def forget_errors(instances: Sequence[Any]) -> None:
    """Clear the frames of methods that have ended and that refer to one of these instances.

    Daft keeps the error of a failed task, and with it these frames, for as long as the worker lives
    (0.7.26).
    """
    referrers = gc.get_referrers(*instances)
    _clear([it for it in referrers if isinstance(it, types.FrameType)])
    # A variable that a comprehension or a lambda uses is in a cell.
    for cell in (it for it in referrers if isinstance(it, types.CellType)):
        frames = [it for it in gc.get_referrers(cell) if isinstance(it, types.FrameType)]
        if frames and _clear(frames):
            del cell.cell_contents


def _clear(frames: list[types.FrameType]) -> bool:
    """Clear frames that have ended. Returns whether all have."""
    have_ended = True
    for frame in frames:
        try:
            frame.clear()
        except RuntimeError:
            have_ended = False
    return have_ended


def release_memory() -> None:
    """Give the memory of dropped objects back, also that of objects that refer to each other.

    PyTorch keeps the memory of a GPU for later tensors until it is told to free it.
    """
    runner_actor.release_dropped()
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
