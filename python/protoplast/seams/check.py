"""Whether a name of Daft's or Ray's is as the patch needs it. Nothing is changed by asking."""

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

# Newer releases of Daft that were warned of.
_warned: set[str] = set()


@dataclass(frozen=True)
class Function:
    """What a function has to be like.

    Args:
        seam: Where it is, as `module:path`.
        parameters: The names of its first parameters, in order.
        mentions: The names that its code has to mention; with a bar between them, one is enough.
    """

    seam: str
    parameters: tuple[str, ...]
    mentions: tuple[str, ...]


@dataclass(frozen=True)
class Versions:
    """What is installed, and what is supported.

    Args:
        daft: The installed Daft.
        ray: The installed Ray.
        oldest: The oldest Daft that is supported.
        newest: The newest Daft that was tested.
    """

    daft: str
    ray: str
    oldest: str
    newest: str

    def check(self) -> None:
        """Refuse a Daft that is too old; warn once of one that is newer than the newest tested.

        Raises:
            UnsupportedDaftError: It is too old.
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
        """Return the error for a seam that is not as it has to be."""
        return UnsupportedDaftError(
            f"{seam} {what} in Daft {self.daft} with Ray {self.ray}; protoplast supports Daft "
            f"{self.oldest} to {self.newest}. Nothing was changed. If another library patches Daft, "
            "apply protoplast's patch first"
        )


@dataclass(frozen=True)
class OptionalFeature:
    """What makes queries better, and is left out if Daft lacks a name that it needs.

    Args:
        without: What is so without it, as the warning says.
        seams: The names, each as `module:path`.
        since: The first Daft that has it; an older one is not warned of.
        takes: Functions of Daft's, each with names of parameters that it has to take.
    """

    without: str
    seams: tuple[str, ...]
    since: str = "0"
    takes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def is_available(self) -> bool:
        """Return whether this Daft has all of it. What is missing is warned of once."""
        return is_available(self)

    def missing(self) -> Iterator[str]:
        """Yield what is missing of it."""
        for seam in self.seams:
            if _found(seam) is None:
                yield seam
        for seam, names in self.takes:
            taken: Collection[str]
            try:
                taken = inspect.signature(_found(seam)).parameters
            except (TypeError, ValueError):  # It is gone, or does not say what it takes.
                taken = ()
            yield from (f"{seam}({name}=...)" for name in names if name not in taken)


@functools.cache
def is_available(feature: OptionalFeature) -> bool:
    """Return whether this Daft has all of an optional feature, found out once."""
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
    """See that something is there.

    Args:
        seam: `module:path`. With a bar between them, one of several is enough.
        versions: What is installed.

    Raises:
        UnsupportedDaftError: It is not.
    """
    places = seam.split("|")
    if all(_found(place) is None for place in places):
        raise versions.unsupported(" or ".join(places), "is missing")


def function(expected: Function, versions: Versions) -> None:
    """See that a function is a plain one, takes what it is to take and mentions what it is to mention.

    Raises:
        UnsupportedDaftError: It is not so, or is missing.
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
        # Ray keeps the class of an actor in another, with its methods wrapped for tracing.
        behind = getattr(getattr(value, "__ray_metadata__", None), "modified_class", None)
        if behind is None and isinstance(value, type):
            value = vars(value).get(name)  # What is inherited is not what is meant.
        else:
            value = inspect.getattr_static(behind or value, name, None)
        if behind is not None and callable(value):
            value = inspect.unwrap(value)
    return value


def release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, such as (0, 7, 26)."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
        elif isinstance(constant, str):
            yield constant
