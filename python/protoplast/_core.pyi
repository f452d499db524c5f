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
    ProcessReport,
    files_being_written,
    has_computed,
    machine,
    most_workers,
    numa_nodes,
    parent_variable,
    pin_worker,
    process_report,
)
from protoplast._stubs.layout import LAYOUT_VARIABLE, Layout, as_layout
from protoplast._stubs.plan import Plan, Worker, plan
from protoplast._stubs.status import draw_status, render_workers, why_not_in_effect
from protoplast._stubs.worker_setup import (
    CUDA_VARIABLE,
    MEMORY_VARIABLE,
    THREAD_VARIABLES,
    calls_at_once,
    differences,
    environment,
    fits_ready_process,
    memory_difference,
    retry_after_s,
    unpinned_nodes,
    verify,
    visible_devices,
)

__all__ = [
    "CUDA_VARIABLE",
    "LAYOUT_VARIABLE",
    "MEMORY_VARIABLE",
    "THREAD_VARIABLES",
    "ClusterCommand",
    "Decision",
    "Layout",
    "LayoutError",
    "NotInEffectError",
    "Plan",
    "ProcessReport",
    "ProtoplastError",
    "Run",
    "ScanTuner",
    "SplitBlocked",
    "TaskTooLargeError",
    "Worker",
    "__version__",
    "as_layout",
    "calls_at_once",
    "can_grow",
    "differences",
    "draw_status",
    "environment",
    "files_being_written",
    "fits_ready_process",
    "has_computed",
    "is_worth_a_hint",
    "machine",
    "memory_difference",
    "most_workers",
    "numa_nodes",
    "parent_variable",
    "pin_worker",
    "plan",
    "process_report",
    "reads_remote_files",
    "render_workers",
    "retry_after_s",
    "run_command",
    "unpinned_nodes",
    "verify",
    "visible_devices",
    "why_not_in_effect",
]

__version__: str
