"""The compiled part: planning, parsing and rendering. Each topic has a stub of its own in `_stubs`."""

from protoplast._stubs.command import ClusterCommand, run_command
from protoplast._stubs.decision import (
    Decision,
    Run,
    ScanTuner,
    SplitBlocked,
    can_grow,
    is_worth_a_hint,
    reads_remote_files,
)
from protoplast._stubs.errors import (
    LayoutError,
    NotInEffectError,
    ProtoplastError,
    TaskTooLargeError,
)
from protoplast._stubs.host import (
    available_memory,
    files_being_written,
    has_computed,
    has_room,
    machine,
    memory_use,
    most_workers,
    numa_nodes,
    parent_variable,
    pin_worker,
    reset_peak_memory,
)
from protoplast._stubs.instances import Admission, InstanceCopies
from protoplast._stubs.layout import LAYOUT_VARIABLE, Layout, as_layout
from protoplast._stubs.plan import Plan, Worker, plan, refresh
from protoplast._stubs.status import (
    draw_status,
    planned_report,
    why_not_in_effect,
    worker_report,
    worker_table,
)
from protoplast._stubs.worker_setup import (
    CUDA_VARIABLE,
    MEMORY_VARIABLE,
    THREAD_VARIABLES,
    calls_at_once,
    check_created,
    environment,
    fits_prestarted_process,
    memory_drift,
    retry_after_s,
    unpinned_nodes,
    visible_devices,
)

__all__ = [
    "CUDA_VARIABLE",
    "LAYOUT_VARIABLE",
    "MEMORY_VARIABLE",
    "THREAD_VARIABLES",
    "Admission",
    "ClusterCommand",
    "Decision",
    "InstanceCopies",
    "Layout",
    "LayoutError",
    "NotInEffectError",
    "Plan",
    "ProtoplastError",
    "Run",
    "ScanTuner",
    "SplitBlocked",
    "TaskTooLargeError",
    "Worker",
    "__version__",
    "as_layout",
    "available_memory",
    "calls_at_once",
    "can_grow",
    "check_created",
    "draw_status",
    "environment",
    "files_being_written",
    "fits_prestarted_process",
    "has_computed",
    "has_room",
    "is_worth_a_hint",
    "machine",
    "memory_drift",
    "memory_use",
    "most_workers",
    "numa_nodes",
    "parent_variable",
    "pin_worker",
    "plan",
    "planned_report",
    "reads_remote_files",
    "refresh",
    "reset_peak_memory",
    "retry_after_s",
    "run_command",
    "unpinned_nodes",
    "visible_devices",
    "why_not_in_effect",
    "worker_report",
    "worker_table",
]

__version__: str
