use crate::query::explain_text::Operator;

/// Where the rows of Python code come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Files that Daft scans.
    Scan {
        /// The bytes of all files together, as Daft estimates them.
        bytes: u64,
    },
    /// A source written in Python, which is the Python code itself.
    Python,
    /// An in-memory table.
    Memory,
    /// Other operators, which decide the number of tasks themselves.
    Operators,
}

/// An operator whose Python code runs in the workers and holds the GIL there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PythonStage {
    /// The name of the operator.
    pub operator: String,
    /// How many tasks run the operator; None if that is known only when the query runs.
    pub tasks: Option<u64>,
    /// Where the rows come from.
    pub source: Source,
}

/// How Daft writes the tasks and the size of a source, without spaces.
const SCAN_TASKS: &str = "NumScanTasks=";
const SCAN_BYTES: &str = "EstimatedScanBytes=";
const TABLE_BYTES: &str = "Sizebytes=";
const GLOB_TASKS: &str = "NumGlobTasks=";
/// How Daft writes the partitions that rows are moved into, and those of an in-memory table.
const MOVED: &str = "Numpartitions=";
const IN_MEMORY: &str = "Numberofpartitions=";

impl PythonStage {
    /// Finds the operators of a distributed plan that run Python code in the workers and hold the GIL there.
    ///
    /// Actor UDFs, and those with `use_process`, are left out: they hold the GIL of processes of their own, and
    /// Daft starts as many of these as a worker has CPUs. Async UDFs are left out as well: code that waits
    /// holds no GIL. `in_memory` is the number of partitions of the in-memory tables that the plan reads.
    pub(crate) fn of_plan(operators: &[Operator], in_memory: Option<u64>) -> Vec<Self> {
        // Walking from the sources up keeps the cost linear.
        let mut output = (Source::Operators, None);
        let mut python_stages = Vec::new();
        for (index, operator) in operators.iter().enumerate().rev() {
            let reads_next =
                operators.get(index + 1).is_some_and(|next| next.depth == operator.depth);
            // Above a branch, the join decides the number of tasks.
            let from_next = if reads_next { output } else { (Source::Operators, None) };
            output = operator.output_partitioning(in_memory).unwrap_or(from_next);
            if operator.holds_gil() {
                // An operator that moves rows computes its keys in the tasks below it.
                let (source, tasks) = if operator.is_scan() { output } else { from_next };
                python_stages.push(Self { operator: operator.python_name(), tasks, source });
            }
        }
        python_stages.reverse();
        python_stages
    }
}

/// The number of partitions of the in-memory tables that a logical plan reads; None if it reads none, or if
/// their numbers differ.
pub(crate) fn in_memory_partitions(logical: &[Operator]) -> Option<u64> {
    let mut counts = logical.iter().filter_map(|operator| operator.number(IN_MEMORY));
    let first = counts.next()?;
    counts.all(|count| count == first).then_some(first)
}

/// The bytes of everything that a plan reads; None if Daft does not report the size of a source, such as a
/// source in Python. Daft counts a task of unknown size as 0 bytes.
pub(crate) fn bytes_read(operators: &[Operator]) -> Option<u64> {
    operators.iter().filter_map(Operator::reads).try_fold(0, |sum: u64, bytes| {
        bytes.filter(|bytes| *bytes > 0).map(|bytes| sum.saturating_add(bytes))
    })
}

impl Operator {
    /// For a source, the bytes that it reads, if Daft reports them; None for every other operator.
    fn reads(&self) -> Option<Option<u64>> {
        match self.squeezed_kind() {
            "InMemorySource" => Some(self.number(TABLE_BYTES)),
            // Planning such a query again would also ask the source again.
            _ if self.is_scan() && self.is_python() => Some(None),
            kind if kind.ends_with("Source") => Some(self.number(SCAN_BYTES)),
            _ => None,
        }
    }

    /// The tasks of a scan; None for every other operator.
    pub(crate) fn scan_tasks(&self) -> Option<u64> {
        if self.is_scan() { self.number(SCAN_TASKS) } else { None }
    }

    /// Whether the operator's Python code runs in the workers and holds their GIL.
    pub(crate) fn holds_gil(&self) -> bool {
        self.is_python() && !self.is_actor() && !self.has_own_process() && !self.is_awaited()
    }

    /// Where the rows that this operator outputs come from and in how many tasks; None if the operator below it
    /// decides that.
    fn output_partitioning(&self, in_memory: Option<u64>) -> Option<(Source, Option<u64>)> {
        let header = self.header();
        if self.is_udf() || self.prints_expressions() {
            return None;
        }
        if let Some(tasks) = self.scan_tasks() {
            let bytes = self.number(SCAN_BYTES).unwrap_or(0);
            let source = if self.is_python() { Source::Python } else { Source::Scan { bytes } };
            return Some((source, Some(tasks)));
        }
        if header.starts_with("InMemorySource") {
            return Some((Source::Memory, in_memory));
        }
        if let Some(tasks) = self.number(GLOB_TASKS) {
            return Some((Source::Operators, Some(tasks)));
        }
        if header.ends_with("Gather") {
            return Some((Source::Operators, Some(1)));
        }
        // Daft writes `Some(0)` if it decides when the query runs.
        let partitions = self.number(MOVED)?;
        Some((Source::Operators, Some(partitions).filter(|partitions| *partitions > 0)))
    }

    /// The number after this label in the description.
    fn number(&self, label: &str) -> Option<u64> {
        let text = self.described(label)?;
        let digits = text.strip_prefix("Some(").unwrap_or(text);
        digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::explain_text::operators;

    fn python_stages(text: &str, in_memory: Option<u64>) -> Vec<(String, Option<u64>, Source)> {
        PythonStage::of_plan(&operators(text), in_memory)
            .into_iter()
            .map(|stage| (stage.operator, stage.tasks, stage.source))
            .collect()
    }

    const SCAN: &str = "* ScanTaskSource:\n|   Num Scan Tasks = 3\n|   Estimated Scan Bytes = 900\n\
                        |   Scan Tasks: [\n|   {File {file:///a.parquet}}\n|   ]\n";
    const UDF: &str = "* UDF f:\n|   Resource request = None\n|\n";

    #[test]
    fn a_udf_has_the_tasks_of_its_scan() {
        let text = format!("* Project: a\n|   Resource request = None\n|\n{UDF}{SCAN}");
        assert_eq!(
            python_stages(&text, None),
            [("f".to_owned(), Some(3), Source::Scan { bytes: 900 })]
        );
        assert_eq!(python_stages(SCAN, None), []);
    }

    #[test]
    fn a_source_in_python_is_python_code() {
        let text = "* ScanTaskSource:\n|   Num Scan Tasks = 1\n|   Scan Tasks: [\n\
                    |   {daft.io.__internal:read}\n|   ]\n";
        assert_eq!(
            python_stages(text, None),
            [("daft.io.__internal:read".to_owned(), Some(1), Source::Python)]
        );
    }

    #[test]
    fn an_operator_that_moves_rows_decides_the_tasks() {
        let moved =
            |count| format!("{UDF}* RayShuffle: Hash\n|   Num partitions = {count}\n|\n{SCAN}");
        assert_eq!(python_stages(&moved("Some(8)"), None)[0].1, Some(8));
        assert_eq!(python_stages(&moved("Some(0)"), None)[0].1, None);
        assert_eq!(python_stages(&moved("5"), None)[0].1, Some(5));
    }

    #[test]
    fn a_udf_in_the_keys_of_a_shuffle_runs_before_it() {
        let shuffle =
            "* RayShuffle: Hash\n|   Num partitions = Some(8)\n|   By = m.f-12-0(col(0: a))\n|\n";
        let found = python_stages(&format!("{shuffle}{SCAN}"), None);
        assert_eq!(found, [("RayShuffle".to_owned(), Some(3), Source::Scan { bytes: 900 })]);
    }

    #[test]
    fn a_gather_or_a_glob_decides_the_tasks() {
        assert_eq!(python_stages(&format!("{UDF}* RayGather\n|\n{SCAN}"), None)[0].1, Some(1));
        let glob = "* GlobScanSource:\n|   Num Glob Tasks = 2\n|   Glob paths: [\n|   ]\n";
        assert_eq!(python_stages(&format!("{UDF}{glob}"), None)[0].1, Some(2));
    }

    #[test]
    fn a_literal_of_the_user_decides_nothing() {
        let literal =
            "* Project: lit(\"x\n|   Num partitions = 1\n|   Num Scan Tasks = 1\n|   \") as b\n|\n";
        assert_eq!(python_stages(&format!("{UDF}{literal}{SCAN}"), None)[0].1, Some(3));
    }

    #[test]
    fn above_a_join_the_tasks_are_unknown() {
        let text = format!("{UDF}* BroadcastJoin\n|\\\n| {}|\n{SCAN}", SCAN.replace('\n', "\n| "));
        assert_eq!(python_stages(&text, None), [("f".to_owned(), None, Source::Operators)]);
    }

    #[test]
    fn an_in_memory_table_has_the_partitions_of_the_logical_plan() {
        let text = format!("{UDF}* InMemorySource:\n|   Size bytes = 16\n");
        assert_eq!(python_stages(&text, Some(2)), [("f".to_owned(), Some(2), Source::Memory)]);
        let logical = |counts: &[u64]| {
            let text: String = counts
                .iter()
                .map(|count| format!("* Source:\n|   Number of partitions = {count}\n|\n"))
                .collect();
            in_memory_partitions(&operators(&text))
        };
        assert_eq!(logical(&[2]), Some(2));
        assert_eq!(logical(&[2, 2]), Some(2));
        assert_eq!(logical(&[2, 3]), None);
        assert_eq!(logical(&[]), None);
    }

    #[test]
    fn async_code_holds_no_gil() {
        let waits = "* UDF g:\n|   Properties = { concurrency = 2, async = true, scalar = false }\n\
                     |   Resource request = None\n|\n";
        assert_eq!(python_stages(&format!("{waits}{SCAN}"), None), []);
        assert_eq!(python_stages(&format!("{waits}{UDF}{SCAN}"), None)[0].0, "f");
    }

    #[test]
    fn the_bytes_of_all_sources_count() {
        let of = |text: &str| bytes_read(&operators(text));
        let table = |bytes: &str| format!("* InMemorySource:\n|   Size bytes = {bytes}\n");
        assert_eq!(of(&format!("{UDF}{SCAN}")), Some(900));
        assert_eq!(
            of(&format!("* Concat\n|\\\n| {}|\n{SCAN}", SCAN.replace('\n', "\n| "))),
            Some(1800)
        );
        assert_eq!(of(&format!("{SCAN}|\n{}", table("16"))), Some(916));
        assert_eq!(of(&format!("{SCAN}|\n{}", table("None"))), None);
        assert_eq!(of(&SCAN.replace("900", "0")), None, "of unknown size");
        assert_eq!(of("* GlobScanSource:\n|   Num Glob Tasks = 2\n"), None);
    }

    #[test]
    fn processes_of_their_own_hold_the_gil_elsewhere() {
        let own = "|   Properties = { use_process = true, on_error = raise }\n";
        assert_eq!(
            python_stages(&format!("* UDF f:\n{own}|   Resource request = None\n|\n{SCAN}"), None),
            []
        );
        assert_eq!(
            python_stages(&format!("* ActorUDF: f\n|   Resource request = None\n|\n{SCAN}"), None),
            []
        );
    }
}
