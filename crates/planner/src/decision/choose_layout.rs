use crate::layout::rules::Layout;
use crate::query::async_udf::AsyncUdf;
use crate::query::python_stage::PythonStage;
use crate::quoted::Quoted;

/// Chooses the layout for a query under `auto`; returns the layout and the reason.
///
/// Python code runs on one worker per core, where each worker has a GIL of its own. Three kinds of queries run
/// on Daft's own workers, with all their threads: those without Python code, those whose Python code has no
/// more tasks than there are nodes, because each node's worker has a GIL as well, and those whose Python code
/// only waits, because Daft limits its calls per worker.
pub(crate) fn choose(
    layout: &Layout,
    python_stages: &[PythonStage],
    async_udfs: &[AsyncUdf],
    nodes: usize,
) -> (Layout, String) {
    // A stage of an unknown number of tasks counts as one of many.
    let tasks_of = |python_stages: &&PythonStage| python_stages.tasks.unwrap_or(u64::MAX);
    let Some(most) = python_stages.iter().max_by_key(tasks_of) else {
        let reason = match async_udfs.first() {
            Some(waits) => {
                format!(
                    "all Python code in its workers is async, which waits without the GIL: '{}'",
                    waits.name()
                )
            }
            None => "no Python code runs in its workers".to_owned(),
        };
        return (layout.for_native(), reason);
    };
    let name = Quoted(&most.operator);
    match most.tasks {
        Some(tasks) if tasks <= nodes as u64 => (
            layout.for_native(),
            format!(
                "'{name}' is Python code, but has no more tasks than there are nodes ({tasks} of {nodes})"
            ),
        ),
        Some(tasks) => (
            layout.for_python(),
            format!("'{name}' is Python code, which holds the GIL of its worker, in {tasks} tasks"),
        ),
        None => (
            layout.for_python(),
            format!("'{name}' is Python code, which holds the GIL of its worker"),
        ),
    }
}
