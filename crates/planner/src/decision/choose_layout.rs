use crate::layout::rules::Layout;
use crate::query::async_udf::AsyncUdf;
use crate::query::python_stage::PythonStage;
use crate::quoted::Quoted;

/// The layout that suits a query under one that is `auto`, and why.
///
/// Python code runs on a worker a core, where each has a GIL of its own. What has none, or no more tasks
/// of it than Daft's own workers run side by side with a GIL each, runs on those, with all their threads. So does
/// what only waits, since Daft's limits of its calls at once are for each worker.
pub(crate) fn choose(
    asked: &Layout,
    python_stages: &[PythonStage],
    async_udfs: &[AsyncUdf],
    nodes: usize,
) -> (Layout, String) {
    // What may have many tasks is taken to have them.
    let tasks_of = |python_stages: &&PythonStage| python_stages.tasks.unwrap_or(u64::MAX);
    let Some(most) = python_stages.iter().max_by_key(tasks_of) else {
        let reason = match async_udfs.first() {
            Some(waits) => {
                format!(
                    "all Python code in its workers is async and waits without a GIL: '{}'",
                    waits.name()
                )
            }
            None => "no Python code runs in its workers".to_owned(),
        };
        return (asked.for_native(), reason);
    };
    let name = Quoted(&most.operator);
    match most.tasks {
        Some(tasks) if tasks <= nodes as u64 => (
            asked.for_native(),
            format!(
                "'{name}' is Python code, but has no more tasks than there are nodes ({tasks} of {nodes})"
            ),
        ),
        Some(tasks) => (
            asked.for_python(),
            format!("'{name}' is Python code, which holds the GIL of its worker, in {tasks} tasks"),
        ),
        None => (
            asked.for_python(),
            format!("'{name}' is Python code, which holds the GIL of its worker"),
        ),
    }
}
