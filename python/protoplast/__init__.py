"""The right workers for Daft on Ray.

Importing this package imports neither Daft nor Ray. They are imported when
`protoplast.patches.daft_flotilla.apply_flotilla_patches` or
`protoplast.patches.auto_patch.patched_daft` applies the patch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from protoplast._core import Layout, Plan, Worker, __version__, plan
from protoplast.errors import (
    ForeignPatchError,
    LayoutError,
    NotInEffectError,
    ProtoplastError,
    ResultLostError,
    RunnerDiedError,
    TaskTooLargeError,
    UnsupportedDaftError,
)

if TYPE_CHECKING:
    from protoplast.driver.explain import explain
    from protoplast.driver.recent import Explanation
    from protoplast.driver.status import Status, status
    from protoplast.runner.fleet_report import FleetReport
    from protoplast.worker.report import WorkerReport

__all__ = [
    "Explanation",
    "FleetReport",
    "ForeignPatchError",
    "Layout",
    "LayoutError",
    "NotInEffectError",
    "Plan",
    "ProtoplastError",
    "ResultLostError",
    "RunnerDiedError",
    "Status",
    "TaskTooLargeError",
    "UnsupportedDaftError",
    "Worker",
    "WorkerReport",
    "__version__",
    "explain",
    "plan",
    "status",
]

# These names are imported on first use: the command and every worker process import the package too,
# and need nothing from the driver's modules.
_MODULES = {
    "Explanation": "driver.recent",
    "FleetReport": "runner.fleet_report",
    "Status": "driver.status",
    "WorkerReport": "worker.report",
    "explain": "driver.explain",
    "status": "driver.status",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"protoplast.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
