"""Checks that the names of Daft and Ray are as the patch needs them. A check changes nothing."""

from __future__ import annotations

import functools
import importlib
import inspect
import logging
import re
import types
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from protoplast.errors import UnsupportedDaftError

logger = logging.getLogger(__name__)

# The versions of Daft that a warning was logged for.
_warned: set[str] = set()


@dataclass(frozen=True)
class Function:
    """What the patch needs of a function.

    Args:
        seam: The place of the function, as `module:path`.
        parameters: The names of its first parameters, in order.
        mentions: The names that its code must mention. Of names with a bar between them, one is enough.
    """

    seam: str
    parameters: tuple[str, ...]
    mentions: tuple[str, ...]


@dataclass(frozen=True)
class Versions:
    """The installed and the supported versions.

    Args:
        daft: The version of the installed Daft.
        ray: The version of the installed Ray.
        oldest: The oldest supported version of Daft.
        newest: The newest version of Daft that was tested.
    """

    daft: str
    ray: str
    oldest: str
    newest: str

    def check(self) -> None:
        """Refuse a Daft that is too old, and warn once about one that is newer than the newest tested.

        Raises:
            UnsupportedDaftError: The installed Daft is too old.
        """
        if release(self.daft) < release(self.oldest):
            raise UnsupportedDaftError(
                f"Daft {self.daft} is too old; protoplast supports {self.oldest} to {self.newest}. "
                f'Nothing was changed. Upgrade with: pip install "daft[ray]>={self.oldest}"'
            )
        if release(self.daft) > release(self.newest) and self.daft not in _warned:
            _warned.add(self.daft)
            logger.warning(
                "daft %s is newer than the newest that protoplast was tested with (%s); "
                "all that it relies on is there",
                self.daft,
                self.newest,
            )

    def unsupported(self, seam: str, what: str) -> UnsupportedDaftError:
        """Return the error for a seam that is not as the patch needs it.

        Args:
            seam: The place of the name, as `module:path`.
            what: What is wrong with it, as a predicate.
        """
        return UnsupportedDaftError(
            f"{seam} {what} in Daft {self.daft} with Ray {self.ray}; protoplast supports Daft "
            f"{self.oldest} to {self.newest}. Nothing was changed. If another library patches Daft, "
            "apply protoplast's patch first"
        )


@dataclass(frozen=True)
class OptionalFeature:
    """A feature that improves queries, and that protoplast leaves out if Daft or Ray lacks a name.

    Args:
        without: What happens without the feature, as the warning says it.
        seams: The names that the feature needs, each as `module:path`.
        since: The first Daft that has the feature. An older Daft gets no warning.
        takes: Functions, each with the names of parameters that it must take.
        mentions: Functions, each with the names that its code must mention.
    """

    without: str
    seams: tuple[str, ...]
    since: str = "0"
    takes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    mentions: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def is_available(self) -> bool:
        """Return whether all names of the feature are there. Warns once if one is missing."""
        return is_available(self)

    def missing(self) -> Iterator[str]:
        """Yield each name, parameter or mention that is missing."""
        for seam in self.seams:
            if _found(seam) is None:
                yield seam
        for seam, names in self.takes:
            taken = _parameters(_found(seam))
            yield from (f"{seam}({name}=...)" for name in names if name not in taken)
        for seam, names in self.mentions:
            function = _found(seam)
            code = getattr(getattr(function, "__func__", function), "__code__", None)
            mentioned = set() if code is None else set(_names(code))
            yield from (f"{name} in {seam}" for name in names if name not in mentioned)


@functools.cache
def is_available(feature: OptionalFeature) -> bool:
    """Return whether all names of a feature are there. The answer is found once per process."""
    daft, ray = (importlib.import_module(name).__version__ for name in ("daft", "ray"))
    if release(daft) < release(feature.since):
        return False
    missing = next(feature.missing(), None)
    if missing is not None:
        logger.warning(
            "%s is missing in Daft %s with Ray %s, so %s", missing, daft, ray, feature.without
        )
    return missing is None


def attribute(seam: str, versions: Versions) -> None:
    """Check that a name exists.

    Args:
        seam: The place of the name, as `module:path`. Of places with a bar between them, one is enough.
        versions: The installed versions, for the error.

    Raises:
        UnsupportedDaftError: The name is missing.
    """
    places = seam.split("|")
    if all(_found(place) is None for place in places):
        raise versions.unsupported(" or ".join(places), "is missing")


def function(expected: Function, versions: Versions) -> None:
    """Check that a function is plain Python, and has the parameters and mentions that the patch needs.

    Args:
        expected: What the patch needs of the function.
        versions: The installed versions, for the error.

    Raises:
        UnsupportedDaftError: The function is missing or is not as the patch needs it.
    """
    found = _found(expected.seam)
    if found is None:
        raise versions.unsupported(expected.seam, "is missing")
    if not isinstance(found, types.FunctionType):
        what = f"is a {type(found).__name__} and not a plain function"
        raise versions.unsupported(expected.seam, what)
    parameters = tuple(inspect.signature(found).parameters)[: len(expected.parameters)]
    if parameters != expected.parameters:
        what = f"takes ({', '.join(parameters)}) and not ({', '.join(expected.parameters)})"
        raise versions.unsupported(expected.seam, what)
    mentioned = set(_names(found.__code__))
    for name in expected.mentions:
        if not mentioned.intersection(name.split("|")):
            what = f"does not use {name.replace('|', ' or ')}"
            raise versions.unsupported(expected.seam, what)


def owner_and_name(seam: str) -> tuple[Any, str]:
    """Return the class that a seam is an attribute of, and the attribute's name."""
    owner, _, name = seam.rpartition(".")
    return _found(owner), name


def _found(seam: str) -> Any:
    module, _, path = seam.partition(":")
    try:
        value: Any = importlib.import_module(module)
    except ImportError:
        return None
    for name in path.split("."):
        # Ray wraps the class of an actor in another class, and its methods in tracing functions.
        behind = getattr(getattr(value, "__ray_metadata__", None), "modified_class", None)
        if behind is None and isinstance(value, type):
            value = vars(value).get(name)  # An inherited attribute does not count.
        else:
            value = inspect.getattr_static(behind or value, name, None)
        if behind is not None and callable(value):
            value = inspect.unwrap(value)
    return value


def release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, such as (0, 7, 26)."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _parameters(function: Any) -> Collection[str]:
    """Return the names of a function's parameters, or nothing if they cannot be read.

    Functions in Rust have their signature as text. `inspect` would parse it by a module whose import
    takes 70 ms, which the first query of a process would wait for.
    """
    text = getattr(function, "__text_signature__", None)
    if isinstance(text, str):
        return re.findall(r"[(,]\s*[*$]*(\w+)", text)
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return ()


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
        elif isinstance(constant, str):
            yield constant
