"""A folder whose files say so if they are imported, under every name that a process may look for."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

# What Python itself imports before it runs anything, if it is there.
_AT_START = {"sitecustomize", "usercustomize"}


class HostileFolder:
    """Makes the folder.

    Args:
        path: An empty folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path / "hostile"
        self.path.mkdir()
        self._imported = path / "imported"
        code = (
            f"with open({str(self._imported)!r}, 'a') as marker: marker.write(__file__ + '\\n')\n"
        )
        installed = {name.partition("/")[0] for name in importlib.metadata.packages_distributions()}
        for name in {*sys.stdlib_module_names, *installed, *_AT_START}:
            if name.isidentifier():
                (self.path / f"{name}.py").write_text(code)
        package = self.path / "protoplast"
        package.mkdir()
        (package / "__init__.py").write_text(code)

    def imported(self) -> list[str]:
        """Return the files that were imported."""
        if not self._imported.exists():
            return []
        return sorted(set(self._imported.read_text().splitlines()))
