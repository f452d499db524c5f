//! The Python module `protoplast._core`. It registers; the other files convert.

mod error;
mod host;
mod layout;
mod node;
mod plan;
mod route;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    #[pymodule_export]
    use crate::error::{LayoutError, NotInEffectError, ProtoplastError, TaskTooLargeError};
    #[pymodule_export]
    use crate::host::{ProcessReport, numa_nodes, parent_variable, pin_worker, process_report};
    #[pymodule_export]
    use crate::layout::{Layout, as_layout};
    #[pymodule_export]
    use crate::plan::{Plan, Worker, plan, render_workers, retry_after_s, verify, visible_devices};
    #[pymodule_export]
    use crate::route::{can_grow, route};

    use super::{Bound, PyModule, PyModuleMethods, PyResult};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("CUDA_VARIABLE", crate::plan::CUDA_VARIABLE)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
