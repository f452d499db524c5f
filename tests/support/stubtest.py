"""Runs mypy's stubtest over the stub of `protoplast._core` and over each of its topics.

stubtest leaves out what a stub takes from another one, which is to be checked by itself. A topic has no
module at runtime, so it is given one here, with what `_core` has under the names of the topic.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from mypy.stubtest import parse_options, test_stubs

import protoplast
from protoplast import _core

STUBS = Path(protoplast.__file__).with_name("_stubs")
PACKAGE = "protoplast._stubs"


def defined(stub: Path) -> Iterator[str]:
    """The names that a stub defines."""
    for node in ast.parse(stub.read_text()).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def topics() -> dict[str, ModuleType]:
    """A module for each topic, by its whole name."""
    found = {}
    for stub in sorted(STUBS.glob("[!_]*.pyi")):
        module = ModuleType(f"{PACKAGE}.{stub.stem}")
        for name in defined(stub):
            if hasattr(_core, name):
                setattr(module, name, getattr(_core, name))
        found[module.__name__] = module
    return found


def check(modules: dict[str, ModuleType]) -> int:
    """Run stubtest with these modules in place of the topics, and return its exit status."""
    sys.modules.update(modules)
    try:
        return test_stubs(parse_options([_core.__name__, *modules]))
    finally:
        for name in modules:
            del sys.modules[name]


if __name__ == "__main__":
    sys.exit(check(topics()))
