"""Marks the class UDFs of a plan while Daft pickles it.

Daft's Rust code pickles each UDF of a plan by itself (`daft.pickle.dumps`), in the thread that pickles
the plan. The hook here hears of each object.
"""

from __future__ import annotations

import contextlib
import pickle
import threading
from collections.abc import Callable, Iterator
from typing import Any

from protoplast.seams import class_udfs
from protoplast.seams.edits import Edits

# Changes the state of an object that is pickled. It takes the object and the state.
Mark = Callable[[Any, dict[str, Any]], dict[str, Any]]

_marks = threading.local()


def watch(edits: Edits) -> None:
    """Hear of each class UDF that is pickled, until the edits are undone.

    Args:
        edits: Note what is changed.
    """
    for found in (class_udfs.class_base(), class_udfs.legacy_class()):
        if found is not None:
            edits.set(found, "__reduce_ex__", _reduce)


@contextlib.contextmanager
def marked(mark: Mark) -> Iterator[None]:
    """Mark the class UDFs that this thread pickles within the block.

    Args:
        mark: Takes an object and its state, and returns the state that is pickled.
    """
    before = getattr(_marks, "mark", None)
    _marks.mark = mark
    try:
        yield
    finally:
        _marks.mark = before


def _reduce(udf: Any, protocol: Any) -> Any:
    reduced = object.__reduce_ex__(udf, protocol)
    mark: Mark | None = getattr(_marks, "mark", None)
    if mark is None or len(reduced) < 3 or not isinstance(reduced[2], dict):
        return reduced
    return (*reduced[:2], mark(udf, reduced[2]), *reduced[3:])


class Pickled:
    """A pickled object, which unpickles to the object itself.

    Args:
        data: What `seams.ray.pickled` returned.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __reduce__(self) -> Any:
        """Pickle as a call that unpickles the data."""
        return pickle.loads, (self._data,)
