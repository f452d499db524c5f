"""Which files of a crate each file reads, through every re-export to the file that defines a name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tests.layers.graph import Edges
from tests.layers.rust_text import Path as RustPath
from tests.layers.rust_text import RustFile, read_rust


@dataclass
class Crate:
    """The modules of a crate, by their paths, with the file of each."""

    modules: dict[RustPath, RustFile]
    files: dict[RustPath, str]

    @classmethod
    def read(cls, sources: Path) -> Crate:
        """Reads all files below the sources."""
        crate = cls({}, {})
        for file in sorted(sources.rglob("*.rs")):
            name = file.relative_to(sources).as_posix()
            parts = PurePosixPath(name).with_suffix("").parts
            module = parts[:-1] if parts[-1] in ("lib", "main", "mod") else parts
            crate.modules[module] = read_rust(file.read_text())
            crate.files[module] = name
        for module in sorted(crate.modules):
            if module and module[-1] in crate.modules.get(module[:-1], RustFile()).tests:
                del crate.modules[module], crate.files[module]
        return crate

    def edges(self) -> Edges:
        """The files that each file reads, itself left out."""
        return {
            file: {self.files[read] for read in self.reads(module)} - {file}
            for module, file in self.files.items()
        }

    def reads(self, module: RustPath) -> set[RustPath]:
        """The modules that define what a module uses."""
        file = self.modules[module]
        paths = [*file.names.values(), *((*path, "*") for path in file.globs), *file.paths]
        return {found for path in paths for found in self.resolved(module, path, frozenset())}

    def resolved(
        self, module: RustPath, path: RustPath, tried: frozenset[tuple[RustPath, RustPath]]
    ) -> set[RustPath]:
        """The modules that a path leads to, as it stands in a module; none outside the crate."""
        if (module, path) in tried:
            return set()
        tried |= {(module, path)}
        first, rest = path[0], path[1:]
        if first == "crate":
            return self.below((), rest, tried)
        if first == "self":
            return self.below(module, rest, tried)
        if first == "super":
            above = module[:-1]
            while rest[:1] == ("super",):
                above, rest = above[:-1], rest[1:]
            return self.below(above, rest, tried)
        if first in self.modules[module].names or (*module, first) in self.modules:
            return self.below(module, path, tried)
        return set()

    def below(
        self, module: RustPath, path: RustPath, tried: frozenset[tuple[RustPath, RustPath]]
    ) -> set[RustPath]:
        """The modules that a path leads to that begins inside a module."""
        if not path:
            # A folder that is only named is not read; what is taken out of it is.
            return set() if self.is_folder(module) else {module}
        first, rest = path[0], path[1:]
        file = self.modules[module]
        is_module = (*module, first) in self.modules
        found = self.below((*module, first), rest, tried) if is_module else set()
        # A module and a function that is brought in can have one name.
        if first in file.names and not (is_module and rest):
            found |= self.resolved(module, file.names[first] + rest, tried)
        if is_module or first in file.names:
            return found
        if first not in file.items:
            for glob in file.globs:
                for source in self.resolved(module, (*glob, "*"), tried):
                    if self.has(source, first):
                        found |= self.below(source, path, tried)
        return found or {module}

    def has(self, module: RustPath, name: str) -> bool:
        file = self.modules[module]
        return name in file.items or name in file.names or (*module, name) in self.modules

    def uses_of_std(self, parts: tuple[str, ...]) -> list[str]:
        """Each use of one of these parts of the standard library."""
        return [
            f"{self.files[module]} uses {'::'.join(path)}"
            for module, file in self.modules.items()
            for path in sorted({*file.names.values(), *file.globs, *file.paths})
            if path[0] == "std" and path[1:2] and path[1] in parts
        ]

    def is_folder(self, module: RustPath) -> bool:
        return any(other[:-1] == module for other in self.modules if other)
