use protoplast_planner::{
    FoldedNodes, Layout, MEASURED_WITH, NEW_START_CPU_MS, PRESTARTED_START_CPU_MS, Quoted,
    Resources, SMALLEST_SHOWN_BYTES, WORKER_PRIVATE_BYTES, bytes, count_of, fold_workers, table,
};

use crate::plan::comparison::{Comparison, Total};

/// The most groups of nodes that are shown, those with the most nodes first.
const MOST_GROUPS: usize = 20;

/// The names of rows.
const STOCK: &str = "stock";
const PLANNED: &str = "layout";
const LEFT_OVER: &str = "left over";

/// The note below the plan of a layout with `auto`.
const AUTO: &str = "Under auto, these workers run Python code; native work runs as on stock.";

impl Comparison<'_> {
    /// The comparison as text for 80 columns: each group of nodes, all nodes together, and what a worker costs.
    pub(crate) fn to_table(&self) -> String {
        let layout = &self.plan.layout;
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.nodes.len()));
        let more = groups.split_off(groups.len().min(MOST_GROUPS));
        let mut sections = vec![heading(layout)];
        sections.extend(groups.into_iter().map(|group| section(group, layout)));
        if !more.is_empty() {
            let nodes: usize = more.iter().map(|group| group.nodes.len()).sum();
            let nodes = count_of(nodes as u64, "more node");
            sections.push(format!("{nodes}, which only the totals and --format json include"));
        }
        sections.push(format!("all nodes together\n{}", self.totals()));
        sections.push(costs());
        if layout.is_auto() {
            sections.push(AUTO.to_owned());
        }
        sections.join("\n\n") + "\n"
    }

    fn totals(&self) -> String {
        let row = |name: &str, total: &Total| {
            let [cpus, gpus, memory] = cells(total.amounts);
            let private = total.private_bytes.map_or_else(|| "-".to_owned(), bytes);
            let start = seconds(total.start_cpu_ms);
            vec![name.to_owned(), total.workers.to_string(), cpus, gpus, memory, private, start]
        };
        let [cpus, gpus, memory] = cells(self.left_over);
        let none = String::new;
        let left = vec![LEFT_OVER.to_owned(), none(), cpus, gpus, memory, none(), none()];
        let header = ["", "workers", "CPUs", "GPUs", "memory", "own memory", "CPU-s to start"];
        table(&header, vec![row(STOCK, &self.stock), row(PLANNED, &self.planned), left])
    }
}

fn heading(layout: &Layout) -> String {
    if let Some(node_layout) = layout.one_node_layout() {
        return format!("layout {node_layout}");
    }
    let rules = layout.rules().iter().map(|rule| format!("\n  {}", Quoted(&rule.to_string())));
    format!("layout{}", rules.collect::<String>())
}

/// Nodes that look the same: what each has, its worker on stock Daft and its workers under the layout.
fn section(group: &FoldedNodes<'_>, layout: &Layout) -> String {
    let nodes = count_of(group.nodes.len() as u64, "node");
    let Some(node) = group.nodes.first() else { return nodes };
    let has = Resources::from(*node);
    let Some(worker) = group.workers.first() else {
        let reason = if node.is_alive() { "no whole CPU or no memory" } else { "dead" };
        return format!("{nodes} of {has}: no worker ({reason})");
    };
    let rule = match layout.one_node_layout() {
        Some(_) => String::new(),
        None => format!("\nby {}", worker.node_layout),
    };
    let mut rows = vec![row(STOCK, "1 x", has)];
    let mut name = PLANNED;
    for (count, amounts) in shares(group) {
        rows.push(row(name, &format!("{count} x"), amounts));
        name = "";
    }
    rows.push(row(LEFT_OVER, "", group.left_over()));
    let header = ["of each", "workers", "CPUs", "GPUs", "memory"];
    format!("{nodes} of {has}{rule}\n{}", table(&header, rows))
}

/// The workers of a node, with neighbours that look the same counted together.
fn shares(group: &FoldedNodes<'_>) -> Vec<(u32, Resources)> {
    let mut all: Vec<(u32, Resources)> = Vec::new();
    for run in fold_workers(group.workers) {
        let amounts = Resources::from(run.worker);
        match all.last_mut() {
            Some((count, last)) if cells(*last) == cells(amounts) => *count += run.count,
            _ => all.push((run.count, amounts)),
        }
    }
    all
}

fn row(name: &str, workers: &str, amounts: Resources) -> Vec<String> {
    let [cpus, gpus, memory] = cells(amounts);
    vec![name.to_owned(), workers.to_owned(), cpus, gpus, memory]
}

fn cells(Resources { cpus, gpus, memory_bytes }: Resources) -> [String; 3] {
    let memory = match memory_bytes {
        1..SMALLEST_SHOWN_BYTES => format!("< {}", bytes(SMALLEST_SHOWN_BYTES)),
        amount => bytes(amount),
    };
    [cpus.to_string(), gpus.to_string(), memory]
}

fn costs() -> String {
    format!(
        "A worker costs about {} MB of memory of its own and {} CPU-seconds to start,\nas Daft's own does; \
         {} if it has more than one thread.\nMeasured with {MEASURED_WITH}.",
        WORKER_PRIVATE_BYTES / 1_000_000,
        seconds(PRESTARTED_START_CPU_MS),
        seconds(NEW_START_CPU_MS),
    )
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{}", milliseconds / 1000, milliseconds % 1000 / 100)
}
