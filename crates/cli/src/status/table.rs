use std::collections::BTreeSet;

use protoplast_planner::{Quoted, WorkerReport, count_of, worker_table};

use crate::short_id::ShortIds;
use crate::status::fleets::{Fleet, Fleets, State};

impl Fleets {
    /// The fleets as text: each fleet with its workers.
    pub(crate) fn to_table(&self) -> String {
        let address = Quoted(&self.address);
        let jobs: BTreeSet<_> = self.fleets.iter().map(|fleet| &fleet.job).collect();
        let nodes = count_of(self.nodes as u64, "node");
        if self.fleets.is_empty() {
            return format!("cluster {address}, {nodes}: no fleet of Daft workers runs here\n");
        }
        let fleets = count_of(self.fleets.len() as u64, "fleet");
        let of_jobs = count_of(jobs.len() as u64, "job");
        let mut sections = vec![format!("cluster {address}, {nodes}: {fleets} of {of_jobs}")];
        let workers = || self.fleets.iter().flat_map(|fleet| &fleet.workers);
        let ids = ShortIds::of(workers().filter_map(|worker| worker.node_id.as_deref()));
        sections.extend(self.fleets.iter().map(|fleet| fleet.section(&ids)));
        sections.join("\n\n") + "\n"
    }
}

impl Fleet {
    fn section(&self, ids: &ShortIds) -> String {
        let mut lines = vec![self.heading()];
        if self.workers.is_empty() {
            lines.push("no workers".to_owned());
        } else {
            let shown: Vec<_> = self.workers.iter().map(|worker| shortened(worker, ids)).collect();
            lines.push(worker_table(&shown));
            lines.extend(shown.iter().flat_map(|worker| {
                let id = worker.worker_id.as_deref().unwrap_or_default();
                worker.differences.iter().map(move |difference| format!("{id}: {difference}"))
            }));
        }
        lines.join("\n")
    }

    fn heading(&self) -> String {
        let driver = self.driver_pid.map_or_else(String::new, |pid| format!(" (driver pid {pid})"));
        let layout = match &self.layout {
            Some(layout) => format!("layout {}", Quoted(layout)),
            None => "stock Daft".to_owned(),
        };
        let state = match self.state {
            State::Alive => String::new(),
            State::Silent => {
                format!("\nsilent: {}; the workers are from Ray's own list", Quoted(&self.reason))
            }
            State::Stock => "\nnot asked; the workers are from Ray's own list".to_owned(),
        };
        format!("job {}{driver}: {layout}\nrunner {}{state}", Quoted(&self.job), Quoted(&self.name))
    }
}

/// A worker with shortened node ids. A stock worker is named by its node, as Daft names it.
fn shortened(worker: &WorkerReport, ids: &ShortIds) -> WorkerReport {
    let mut shown = worker.clone();
    if let Some(node) = &worker.node_id {
        let id = worker.worker_id.as_ref().unwrap_or(node);
        shown.worker_id = Some(id.replacen(node.as_str(), ids.short(node), 1));
    }
    shown
}
