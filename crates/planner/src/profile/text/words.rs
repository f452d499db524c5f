use crate::bytes::bytes;
use crate::cluster::resources::count_of;
use crate::profile::amounts::{count, duration, percent};
use crate::profile::analysis::Profile;

impl Profile {
    /// What ran, where and how long, in lines of plain text; names of users are not escaped.
    pub(in crate::profile) fn heading(&self) -> Vec<String> {
        let figures = &self.figures;
        let nodes = self.record.nodes.len() as u64;
        let workers = self.record.workers.len() as u64;
        let mut first = vec![duration(figures.wall_us)];
        if !self.record.layout.is_empty() {
            first.push(format!("layout {}", self.record.layout));
        }
        first.push(format!(
            "{} of {} on {}",
            count_of(figures.slots, "slot"),
            count_of(workers, "worker"),
            count_of(nodes, "node")
        ));
        let tasks = if figures.tasks == 1 { "task" } else { "tasks" };
        first.push(format!("{} {tasks}", count(figures.tasks)));
        if figures.failed > 0 {
            first.push(format!("{} of them failed", count(figures.failed)));
        }
        if self.record.dropped_tasks > 0 {
            first.push(format!("{} more are not recorded", count(self.record.dropped_tasks)));
        }
        first.extend(self.record.planned_us.map(|at| format!("planned in {}", duration(at))));
        let mut second = vec![format!("slots {} used", percent(figures.slots_used))];
        second.extend(figures.cores_used.map(|used| format!("cores {} used", percent(used))));
        second.extend(figures.workers_cpu_us.map(|cpu| format!("workers {} CPU", duration(cpu))));
        second.extend(figures.runner_cpu_us.map(|cpu| format!("runner {} CPU", duration(cpu))));
        second.extend(
            figures.sent_per_s.map(|sent| format!("{} tasks sent a second", count(sent as u64))),
        );
        second.extend(figures.peak_bytes.map(|peak| format!("at most {} a worker", bytes(peak))));
        second.push(format!("{} accounted for", percent(figures.accounted)));
        let lines = [first.join(", "), second.join(", ")];
        let reason = self.record.reason.iter().map(|reason| format!("why these workers: {reason}"));
        lines.into_iter().chain(reason).collect()
    }
}
