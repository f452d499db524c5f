//! The Python module `protoplast._core`. This file registers its items; the other files convert values between
//! Rust and Python.

mod admission;
mod command;
mod dealing;
mod decision;
mod error;
mod gil;
mod host;
mod in_effect;
mod layout;
mod node;
mod options;
mod plan;
mod profile;
mod report;
mod rules;
mod scan_tuner;
mod worker;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    #[pymodule_export]
    use crate::admission::{Admission, InstanceCopies, is_of_class};
    #[pymodule_export]
    use crate::command::{ClusterCommand, run_command};
    #[pymodule_export]
    use crate::dealing::Dealing;
    #[pymodule_export]
    use crate::decision::{
        Decision, are_groups_scattered, calls_at_once, can_grow, expected_s, hand_out_ms,
        is_worth_a_hint, reads_remote_files, reference_us,
    };
    #[pymodule_export]
    use crate::error::{LayoutError, NotInEffectError, ProtoplastError, TaskTooLargeError};
    #[pymodule_export]
    use crate::gil::{GilProbe, GilWindow, gil_window};
    #[pymodule_export]
    use crate::host::{
        available_memory, files_being_written, has_computed, has_room, machine, memory_use,
        most_workers, numa_nodes, parent_variable, pin_worker, reset_peak_memory,
    };
    #[pymodule_export]
    use crate::in_effect::why_not_in_effect;
    #[pymodule_export]
    use crate::layout::{Layout, as_layout};
    #[pymodule_export]
    use crate::plan::{Plan, check_created, in_groups, plan, refresh, unpinned_nodes};
    #[pymodule_export]
    use crate::profile::Profile;
    #[pymodule_export]
    use crate::report::{draw_status, planned_report, worker_report, worker_table};
    #[pymodule_export]
    use crate::scan_tuner::{OneWorkerBlocked, Run, ScanTuner, SplitBlocked};
    #[pymodule_export]
    use crate::worker::{
        Worker, environment, fits_prestarted_process, memory_drift, retry_after_s, visible_devices,
    };

    use protoplast_planner::THREAD_VARIABLES;
    use pyo3::types::PyTuple;

    use super::{Bound, PyModule, PyModuleMethods, PyResult};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("CUDA_VARIABLE", crate::worker::CUDA_VARIABLE)?;
        module.add("LAYOUT_VARIABLE", protoplast_cli::LAYOUT_VARIABLE)?;
        module.add("MEMORY_VARIABLE", protoplast_planner::MEMORY_VARIABLE)?;
        module.add("THREAD_VARIABLES", PyTuple::new(module.py(), THREAD_VARIABLES)?)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
