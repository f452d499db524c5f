"""The classes of Daft that build the instances of class UDFs in a worker.

A class UDF of `@daft.cls` reaches the worker as an object of a subclass of `ClsBase`, which builds the
instance when a method is bound (`daft/udf/udf_v2.py`, 0.6.6 to 0.7.26). A class of `@daft.udf` reaches
it as an `UninitializedUdf`, whose `initialize` builds one (`daft/udf/legacy.py`, 0.5.22 to 0.7.26). Daft
unpickles both anew for each task.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
from typing import Any

from protoplast.seams.check import OptionalFeature

_WITHOUT = "class UDFs are built as often as on Daft's own workers"

_LEGACY = "daft.udf.legacy:UninitializedUdf"
LEGACY = OptionalFeature(
    _WITHOUT,
    seams=(_LEGACY, f"{_LEGACY}.initialize"),
    takes=((f"{_LEGACY}.initialize", ("self", "init_args")), (_LEGACY, ("inner",))),
)

# `@daft.cls`. The methods for coroutines are newer than the others.
_CLASS = "daft.udf.udf_v2:ClsBase"
BINDERS = ("_daft_bind_method", "_daft_bind_coroutine_method")
CLASS = OptionalFeature(
    _WITHOUT,
    since="0.6.6",
    seams=(f"{_CLASS}.{BINDERS[0]}", f"{_CLASS}._daft_get_instance"),
)

# The attribute of an object of `ClsBase` that holds its instance, and the one that holds the arguments
# of the user's class. Objects of functions have neither.
INSTANCE = "_daft_local_instance"
ARGUMENTS = "_daft_setup_args"


def legacy_class() -> Any:
    """Return Daft's `UninitializedUdf`, or None if this Daft has none that can be shared."""
    if not LEGACY.is_available():
        return None
    return importlib.import_module("daft.udf.legacy").UninitializedUdf


def class_base() -> Any:
    """Return Daft's `ClsBase`, or None if this Daft has none that can be shared."""
    if not CLASS.is_available():
        return None
    return importlib.import_module("daft.udf.udf_v2").ClsBase


def user_class(udf: Any) -> type | None:
    """Return the class of the user whose instance a Daft object builds, or None if it builds none.

    Args:
        udf: An object of `ClsBase` or an `UninitializedUdf`.
    """
    if ARGUMENTS not in vars(udf):
        # An `UninitializedUdf` of a function holds a function that returns it.
        inner = vars(udf).get("inner")
        return inner if inspect.isclass(inner) else None
    # Daft makes `Cls(ClsBase[the class])` for each decorated class.
    bases = getattr(type(udf), "__orig_bases__", ())
    found = [arg for base in bases for arg in getattr(base, "__args__", ()) if inspect.isclass(arg)]
    return found[0] if found else None


def name(udf: Any, user_class: type) -> str:
    """Return the name under which Daft shows a class UDF, or the first part of it.

    Args:
        udf: The Daft object.
        user_class: The class of the user.
    """
    override = _options(udf).get("name_override")
    return override or f"{user_class.__module__}.{user_class.__qualname__}"


def has_own_process(udf: Any, user_class: type) -> bool:
    """Return whether a class of `@daft.cls` runs in processes of its own and not in a worker.

    Args:
        udf: The Daft object.
        user_class: The class of the user.
    """
    options = _options(udf)
    if options.get("use_process"):
        return True
    # For async methods this is how many calls a worker makes at once, for others the size of a pool.
    called = vars(user_class).get("__call__")
    methods = vars(user_class).values() if called is None else [called]
    is_async = any(map(inspect.iscoroutinefunction, methods))
    return options.get("max_concurrency") is not None and not is_async


def arguments(udf: Any) -> Any:
    """Return the arguments that the user's class is built with, if the Daft object holds them."""
    return vars(udf).get(ARGUMENTS)


def _options(udf: Any) -> dict[str, Any]:
    """Return what the user has given `@daft.cls`, as far as it can be read."""
    # Daft keeps the options only in the closure of this method (`wrap_cls`).
    method = vars(type(udf)).get("__getattr__")
    cells = getattr(method, "__closure__", None) or ()
    found = {}
    for variable, cell in zip(method.__code__.co_freevars if cells else (), cells, strict=True):
        with contextlib.suppress(ValueError):  # The cell is empty.
            found[variable] = cell.cell_contents
    return found
