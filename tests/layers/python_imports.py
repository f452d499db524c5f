"""Which files of a package each file reads, through every `__init__` to the file that defines a name.

An import counts wherever it stands: in a function, and also under `TYPE_CHECKING`, since to name a type
is to know its layer. A text that is the whole name of a module counts as well: so lazy imports are made.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.layers.graph import Edges


@dataclass
class Package:
    """The modules of a package, by their whole names, with the tree and the file of each."""

    name: str
    trees: dict[str, ast.Module]
    files: dict[str, str]

    @classmethod
    def read(cls, sources: Path) -> Package:
        """Reads all files of the package in this folder."""
        package = cls(sources.name, {}, {})
        for file in sorted([*sources.rglob("*.py"), *sources.rglob("*.pyi")]):
            path = file.relative_to(sources)
            parts = path.with_suffix("").parts
            module = ".".join((sources.name, *(part for part in parts if part != "__init__")))
            package.trees[module] = ast.parse(file.read_text())
            package.files[module] = path.as_posix()
        return package

    def edges(self) -> Edges:
        """The files that each file reads, itself left out."""
        return {
            file: {self.files[read] for read in self.reads(module)} - {file}
            for module, file in self.files.items()
        }

    def imports(self, outside: tuple[str, ...]) -> list[str]:
        """Each import of one of the packages that are outside of this one."""
        return [
            f"{self.files[module]} reads {name}"
            for module in self.files
            for name, _ in self.imported(module)
            if name.partition(".")[0] in outside
        ]

    def reads(self, module: str) -> set[str]:
        """The modules that define what a module imports."""
        found = {self.defines(*imported) for imported in self.imported(module)}
        texts = (node for node in ast.walk(self.trees[module]) if isinstance(node, ast.Constant))
        named = {
            text.value for text in texts if text.value in self.files and text.value != self.name
        }
        return {read for read in found if read} | named

    def imported(self, module: str) -> Iterator[tuple[str, str]]:
        """Each module that is imported, with the name taken from it, empty for the module alone."""
        for node in ast.walk(self.trees[module]):
            if isinstance(node, ast.Import):
                yield from ((alias.name, "") for alias in node.names)
        yield from ((source, name) for _, source, name in self.brought_in(module))

    def brought_in(self, module: str) -> Iterator[tuple[str, str, str]]:
        """Each name that `from` brings in, with the module that it is taken from and its name there."""
        for node in ast.walk(self.trees[module]):
            if isinstance(node, ast.ImportFrom):
                source = self.absolute(module, node)
                yield from (
                    (alias.asname or alias.name, source, alias.name) for alias in node.names
                )

    def absolute(self, module: str, node: ast.ImportFrom) -> str:
        parts = module.split(".")
        if self.is_init(module):
            parts.append("__init__")
        before = parts[: len(parts) - node.level] if node.level else []
        return ".".join([*before, *([node.module] if node.module else [])])

    def defines(self, source: str, name: str, tried: frozenset[str] = frozenset()) -> str | None:
        """The module that defines a name of a module; None outside the package."""
        if f"{source}.{name}" in self.files:
            return f"{source}.{name}"
        if source not in self.files:
            return None
        if self.is_init(source) and source not in tried:
            for bound, inner, given in self.brought_in(source):
                if name and bound in (name, "*"):
                    given = name if bound == "*" else given
                    return self.defines(inner, given, tried | {source}) or source
        return source

    def is_init(self, module: str) -> bool:
        return self.files[module].rpartition("/")[2] in ("__init__.py", "__init__.pyi")
