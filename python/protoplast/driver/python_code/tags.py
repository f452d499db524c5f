"""Marks the class UDFs of a query, so that each worker builds the instance of an object once.

Each object of the driver has a key of its own. While the plan of a query is pickled, the state of the
object gets a tag with that key. Neither the object nor its class is changed for it.
"""

from __future__ import annotations

import dis
import hashlib
import inspect
import itertools
import os
import threading
import types
import weakref
from dataclasses import dataclass
from typing import Any

from protoplast.seams import class_udfs, pickling
from protoplast.seams import ray as ray_seams
from protoplast.worker.instances import TAG, InstanceTag

# The arguments of a class are compared by their pickled form, unless it is longer, in bytes.
_LONGEST_ARGUMENTS = 1 << 20


@dataclass(frozen=True)
class FoundInstance:
    """An object whose instances workers will share, and that is costly to build.

    Args:
        key: The key of its tag.
        name: The name of the class, with its module unless it is one of Daft's own.
        alike: Equal for objects of the same class with the same code and arguments; None if unknown.
    """

    key: str
    name: str
    alike: str | None


@dataclass
class TaggedPlan:
    """A plan that was pickled with tags.

    Args:
        pickled: The plan.
        has_tags: Whether it has any class UDF.
        found: The objects that are costly to build, by key.
    """

    pickled: pickling.Pickled
    has_tags: bool
    found: dict[str, FoundInstance]


class ObjectKeys:
    """A key for each object, for as long as it lives. Equal objects have different keys."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[int, tuple[weakref.ref[Any], str]] = {}
        self._numbers = itertools.count()
        # Several drivers never share a worker, but a process may be forked.
        self._prefix = os.urandom(6).hex()

    def of(self, value: Any) -> str:
        """Return the key of an object.

        Args:
            value: The object.
        """
        number = id(value)
        with self._lock:
            found = self._keys.get(number)
            if found is not None and found[0]() is value:
                return found[1]
            key = f"{self._prefix}-{next(self._numbers)}"
            gone = weakref.ref(value, lambda _: self._forget(number, key))
            self._keys[number] = (gone, key)
            return key

    def _forget(self, number: int, key: str) -> None:
        # Garbage collection may call this within `of`, so it takes no lock.
        found = self._keys.get(number)
        if found is not None and found[1] == key:
            del self._keys[number]


_KEYS = ObjectKeys()

_PLAIN_NEW = inspect.getattr_static(object, "__new__")


def tagged(plan: Any, query: str) -> TaggedPlan:
    """Pickle the plan of a query with a tag on each class UDF that runs in the workers.

    Args:
        plan: The plan.
        query: The id of the query.
    """
    found: dict[str, FoundInstance] = {}
    keys = set()

    def mark(udf: Any, state: dict[str, Any]) -> dict[str, Any]:
        user_class = class_udfs.user_class(udf)
        if user_class is None or class_udfs.has_own_process(udf, user_class):
            return state
        tag = InstanceTag(_KEYS.of(udf), query, _is_cheap(user_class))
        keys.add(tag.key)
        if not tag.is_cheap and tag.key not in found:
            name = class_udfs.name(udf, user_class)
            found[tag.key] = FoundInstance(tag.key, name, _alike(user_class, udf))
        # A plain tuple, because a node may have no protoplast.
        return {**state, TAG: tuple(tag)}

    with pickling.marked(mark):
        pickled = pickling.Pickled(ray_seams.pickled(plan))
    return TaggedPlan(pickled, bool(keys), found)


def _is_cheap(user_class: type) -> bool:
    """Return whether building an instance certainly costs next to nothing.

    It does if `__init__` calls nothing, imports nothing and has no loop, as if it stores its arguments.
    """
    new, init = (inspect.getattr_static(user_class, name) for name in ("__new__", "__init__"))
    if type(user_class) is not type or new is not _PLAIN_NEW:
        return False
    if init is object.__init__:
        return True
    if not isinstance(init, types.FunctionType):
        return False
    return all(_is_plain(code.opname) for code in dis.get_instructions(init))


def _is_plain(operation: str) -> bool:
    plain = (
        "LOAD_",
        "STORE_",
        "BUILD_",
        "RETURN_",
        "COPY",
        "POP_TOP",
        "RESUME",
        "NOP",
        "PUSH_NULL",
    )
    return operation.startswith(plain) or operation in ("SWAP", "EXTENDED_ARG", "CACHE")


def _alike(user_class: type, udf: Any) -> str | None:
    init = getattr(inspect.getattr_static(user_class, "__init__"), "__code__", None)
    given = class_udfs.arguments(udf)
    if given is None and init is not None and init.co_argcount > 1:
        return None  # The arguments of a `@daft.udf` class are not in the object.
    try:
        arguments = ray_seams.pickled(given)
    except Exception:  # Daft says so when it pickles the object.
        return None
    if len(arguments) > _LONGEST_ARGUMENTS:
        return None
    code = (init.co_code, init.co_names, repr(init.co_consts)) if init is not None else ()
    text = repr((user_class.__module__, user_class.__qualname__, code, arguments))
    return hashlib.sha256(text.encode()).hexdigest()
