"""Describes the machine of a run and the installed versions."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

PACKAGES = (
    "daft",
    "ray",
    "protoplast",
    "dask",
    "distributed",
    "numpy",
    "pyarrow",
    "tpchgen-cli",
    "wordllama",
)


def machine() -> dict[str, str | int | float]:
    return {
        "cpu": of_proc("cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count() or 1,
        "memory_gb": round(int(of_proc("meminfo", "MemTotal").split()[0]) / 2**20, 1),
        "system": f"{platform.system()} {platform.release()}",
    }


def versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        **{package: metadata.version(package) for package in PACKAGES},
    }


def of_proc(file: str, name: str) -> str:
    """Return the first value of a name in a file of /proc."""
    for line in Path("/proc", file).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""
