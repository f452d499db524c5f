use crate::proof::report::{ADDRESS, WorkerReport};
use crate::show::table::table;

/// Formats a table of workers. An unknown value is a dash.
pub fn worker_table(workers: &[WorkerReport]) -> String {
    let shows_address = workers.iter().any(|worker| worker.address.is_some());
    let columns = |worker: &WorkerReport| {
        worker.columns().into_iter().filter(move |(name, _)| shows_address || *name != ADDRESS)
    };
    let header: Vec<_> = columns(&WorkerReport::default()).map(|(name, _)| name).collect();
    let row = |worker| columns(worker).map(|(_, cell)| cell.unwrap_or_else(|| "-".to_owned()));
    table(&header, workers.iter().map(|worker| row(worker).collect()).collect())
}
