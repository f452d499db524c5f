"""The classes of Daft that build the instances of class UDFs in a worker.

A class UDF of `@daft.cls` reaches the worker as an object of a subclass of `ClsBase`, which builds the
instance when a method is bound (`daft/udf/udf_v2.py`, 0.6.6 to 0.7.26). A class of `@daft.udf` reaches it as
an `UninitializedUdf`, whose `initialize` builds one (`daft/udf/legacy.py`, 0.5.22 to 0.7.26). Daft unpickles
both anew for each task.
"""

from __future__ import annotations

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

# The attribute of an object of `ClsBase` that holds its instance, and the one that holds the arguments of
# the user's class. Objects of functions have neither.
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


def arguments(udf: Any) -> Any:
    """Return the arguments that the user's class is built with, if the Daft object holds them."""
    return vars(udf).get(ARGUMENTS)
