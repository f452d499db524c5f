use hashbrown::HashMap;
use serde_json::{Value, json};

use crate::profile::analysis::Profile;
use crate::profile::record::TaskRecord;
use crate::profile::time::lanes::Span;
use crate::profile::time::state::State;

impl Profile {
    /// The profile as trace events, which `chrome://tracing` and <https://ui.perfetto.dev> draw.
    ///
    /// A node is a process and a slot of a worker a thread. An event is a time in which a slot does one thing.
    pub fn to_trace(&self) -> String {
        let mut nodes: HashMap<&str, (usize, usize)> = HashMap::new();
        let mut events = Vec::new();
        for worker in &self.lanes {
            let record = worker.worker.and_then(|place| self.record.workers.get(place));
            let node = record.map_or("unknown", |record| &*record.node);
            let id = record.map_or("unknown", |record| &*record.id);
            let next = nodes.len() + 1;
            let (pid, threads) = nodes.entry(node).or_insert_with(|| {
                events.push(named("process_name", next, 0, node));
                (next, 0)
            });
            for (slot, lane) in worker.lanes.iter().enumerate() {
                *threads += 1;
                let name = match worker.lanes.len() {
                    1 => id.to_owned(),
                    _ => format!("{id} slot {slot}"),
                };
                events.push(named("thread_name", *pid, *threads, &name));
                events.push(json!({
                    "ph": "M", "name": "thread_sort_index", "pid": *pid, "tid": *threads,
                    "args": {"sort_index": *threads},
                }));
                let spans = lane.iter().filter(|span| span.state != State::Other);
                events.extend(spans.map(|span| self.event(*span, *pid, *threads)));
            }
        }
        json!({"traceEvents": events, "displayTimeUnit": "ms"}).to_string()
    }

    fn event(&self, span: Span, pid: usize, tid: usize) -> Value {
        let task = span.task.and_then(|place| self.record.tasks.get(place));
        let works = matches!(span.state, State::Working | State::Failed);
        let name = task.filter(|_| works).map_or(span.state.name(), |task| &*task.name);
        json!({
            "ph": "X", "name": name, "cat": span.state.class(), "pid": pid, "tid": tid,
            "ts": span.from, "dur": span.to - span.from,
            "args": task.filter(|_| works).map_or_else(|| json!({}), arguments),
        })
    }
}

fn arguments(task: &TaskRecord) -> Value {
    let all = [
        ("stage", Some(json!(task.stage))),
        ("rows", task.rows.map(|rows| json!(rows))),
        ("bytes", task.bytes.map(|bytes| json!(bytes))),
        ("cpu_us", task.cpu_us.map(|cpu| json!(cpu))),
        ("gil_held", task.gil.map(|gil| json!(gil.held))),
        ("functions", (!task.functions.is_empty()).then(|| json!(task.functions))),
        ("failed", task.failed.then_some(json!(true))),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn named(what: &str, pid: usize, tid: usize, name: &str) -> Value {
    json!({"ph": "M", "name": what, "pid": pid, "tid": tid, "args": {"name": name}})
}
