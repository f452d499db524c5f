use crate::bytes::bytes;
use crate::profile::amounts::{count, duration, percent};
use crate::profile::analysis::Profile;
use crate::profile::figures::functions::Function;
use crate::profile::figures::nodes::Node;
use crate::profile::figures::stages::Stage;
use crate::profile::record::GilRecord;
use crate::quoted::Quoted;
use crate::show::svg::text::shortened;
use crate::show::table::table;

/// The most columns of letters of a name.
const MOST_LETTERS: u32 = 60;

/// The most rows of a table; a line says how many more there are.
const MOST_ROWS: usize = 24;

type Rows = Vec<Vec<String>>;

impl Profile {
    /// The tables: where the time of the slots went, the stages, the functions and the nodes; those without
    /// rows are left out.
    pub(in crate::profile) fn tables(&self) -> Vec<String> {
        let lost = self.figures.lost.iter().filter(|lost| lost.slots_us > 0);
        let lost = lost.map(|lost| {
            vec![lost.state.name().to_owned(), duration(lost.slots_us), percent(lost.part)]
        });
        [
            cut(&["slots x time", "time", "part"], lost.collect()),
            self.stages(),
            self.functions(),
            self.nodes(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn stages(&self) -> Option<String> {
        let row = |stage: &Stage| {
            vec![
                name(&stage.name),
                count(stage.tasks),
                duration(stage.median_us),
                duration(stage.longest_us),
                duration(stage.work_us),
                known(stage.cpu_us, duration),
                known(stage.rows, count),
                known(stage.bytes, bytes),
                held(stage.gil),
            ]
        };
        let header =
            ["stage", "tasks", "median", "longest", "work", "CPU", "rows", "bytes", "GIL held"];
        cut(&header, self.figures.stages.iter().map(row).collect())
    }

    fn functions(&self) -> Option<String> {
        let row = |function: &Function| {
            vec![
                name(&function.quoted()),
                count(function.tasks),
                duration(function.work_us),
                known(function.cpu_us, duration),
                held(function.gil),
                known(function.gil, |gil| percent(gil.waited)),
            ]
        };
        let header = ["function", "tasks", "work", "CPU", "GIL held", "waited for"];
        cut(&header, self.figures.functions.iter().map(row).collect())
    }

    fn nodes(&self) -> Option<String> {
        let row = |node: &Node| {
            vec![
                name(&node.name),
                count(node.workers),
                node.cpus.to_string(),
                known(node.cores, percent),
                known(node.peak_bytes, bytes),
            ]
        };
        let header = ["node", "workers", "CPUs", "used", "memory"];
        cut(&header, self.figures.nodes.iter().map(row).collect())
    }
}

fn cut(header: &[&str], mut rows: Rows) -> Option<String> {
    let more = rows.len().saturating_sub(MOST_ROWS);
    rows.truncate(MOST_ROWS);
    if rows.is_empty() {
        return None;
    }
    let mut text = table(header, rows);
    if more > 0 {
        text.push_str(&format!("\n and {more} more"));
    }
    Some(text)
}

fn name(name: &str) -> String {
    shortened(&Quoted(name).to_string(), MOST_LETTERS)
}

fn known<T>(value: Option<T>, text: impl Fn(T) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), text)
}

fn held(gil: Option<GilRecord>) -> String {
    known(gil, |gil| percent(gil.held))
}
