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
    from protoplast.profiling.api import Profiles, profile, profiled
    from protoplast.profiling.profile import Advice, Profile
    from protoplast.runner.fleet_report import FleetReport
    from protoplast.worker.report import WorkerReport

__all__ = [
    "Advice",
    "Explanation",
    "FleetReport",
    "ForeignPatchError",
    "Layout",
    "LayoutError",
    "NotInEffectError",
    "Plan",
    "Profile",
    "Profiles",
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
    "profile",
    "profiled",
    "status",
]

# These names are imported on first use: the command and every worker process import the package too,
# and need nothing from the driver's modules.
_MODULES = {
    "Advice": "profiling.profile",
    "Explanation": "driver.recent",
    "FleetReport": "runner.fleet_report",
    "Profile": "profiling.profile",
    "Profiles": "profiling.api",
    "Status": "driver.status",
    "WorkerReport": "worker.report",
    "explain": "driver.explain",
    "profile": "profiling.api",
    "profiled": "profiling.api",
    "status": "driver.status",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"protoplast.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
