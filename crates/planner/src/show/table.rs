use std::fmt;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;

use crate::bytes::bytes;
use crate::placement::plan::Plan;
use crate::placement::worker::Worker;

#[derive(Serialize)]
struct JsonPlan<'a> {
    layout: String,
    workers: &'a [Worker],
}

impl Plan {
    /// The plan as JSON: `{"layout": "...", "workers": [{"worker_id": ..., ...}, ...]}`.
    pub fn to_json(&self) -> String {
        let plan = JsonPlan { layout: self.layout.to_string(), workers: &self.workers };
        // Strings and integers always serialise.
        serde_json::to_string(&plan).unwrap_or_default()
    }
}

impl fmt::Display for Plan {
    /// A table with a row for each worker.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self
            .workers
            .iter()
            .map(|worker| {
                vec![
                    worker.worker_id.clone(),
                    worker.cpus.to_string(),
                    worker.gpus.to_string(),
                    bytes(worker.memory_bytes),
                ]
            })
            .collect();
        let table = table(&["worker", "CPUs", "GPUs", "memory"], rows);
        write!(f, "layout {}, workers {}\n{table}", self.layout, self.workers.len())
    }
}

/// Formats a table without lines. The first column is aligned to the left, the others to the right.
pub fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header.to_vec())
        .add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node::Node;
    use crate::cluster::node_record::NodeRecord;
    use crate::placement::plan::plan;

    fn example() -> Plan {
        let node = Node::try_from(NodeRecord::new("n", 2.0, 1.0, 8_589_934_592.0)).expect("valid");
        plan::<&str>(&[node], &"per-core".parse().expect("valid"), &[]).expect("plan")
    }

    #[test]
    fn a_plan_is_a_table() {
        let expected = "layout per-core, workers 2\n worker   CPUs  GPUs   memory\n n_cpu_0     1     1  4.0 GiB\n n_cpu_1     1     0  4.0 GiB";
        assert_eq!(example().to_string(), expected);
    }

    #[test]
    fn a_plan_is_json() {
        let value: serde_json::Value = serde_json::from_str(&example().to_json()).expect("json");
        assert_eq!(value["layout"], "per-core");
        assert_eq!(value["workers"][1]["worker_id"], "n_cpu_1");
        assert_eq!(value["workers"][0]["memory_bytes"], 4_294_967_296_u64);
    }
}
