"""Packages that a cluster may have in place of this protoplast: an older one, or another build."""

from __future__ import annotations

from pathlib import Path

import protoplast

VERSION = "0.0.9"

# A protoplast of before its files were in folders, and one that lacks a function.
OLDER = {
    "runner.py": "def install(actor, layout): raise RuntimeError('of an older version')\n",
    "worker.py": "def set_up(*given): raise RuntimeError('of an older version')\n",
}
LACKING = {"runner/__init__.py": "", "runner/calls.py": "", "worker.py": ""}


def protoplasts_there(folder: Path) -> dict[str, str]:
    """Make packages for the cluster, each in a folder of its own to be searched first."""
    files = {
        "older": {"_core.py": f"__version__ = {VERSION!r}\n", **OLDER},
        "same version": {"_core.py": f"__version__ = {protoplast.__version__!r}\n", **OLDER},
        "lacking": {"_core.py": f"__version__ = {VERSION!r}\n", **LACKING},
    }
    for name, texts in files.items():
        for path, text in {"__init__.py": "", **texts}.items():
            file = folder / name / "protoplast" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return {name: str(folder / name) for name in files}
