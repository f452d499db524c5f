"""The right workers for Daft on Ray.

The package is imported without importing Daft or Ray; both are first touched by
`protoplast.patches.daft_flotilla.apply_flotilla_patches` and
`protoplast.patches.auto_patch.patched_daft`.
"""

from protoplast._core import Layout, Plan, Worker, __version__, plan
from protoplast.driver.explain import explain
from protoplast.driver.recent import Explanation
from protoplast.driver.status import FleetStatus, Status, WorkerStatus, status
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

__all__ = [
    "Explanation",
    "FleetStatus",
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
    "WorkerStatus",
    "__version__",
    "explain",
    "plan",
    "status",
]
