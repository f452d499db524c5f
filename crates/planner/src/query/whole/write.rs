//! Whether one worker can write all files of a query, with the files that many tasks leave or fewer.

use crate::query::explain_text::Operator;
use crate::query::python_code::OF_FILES;
use crate::query::python_stage::in_memory_partitions;
use crate::quoted::Quoted;

/// How Daft names a sink of files, or how the name begins (without spaces, 0.7.10 to 0.7.26), and how one worker
/// writes the files: the columns of Parquet at the same time (`parquet_writer.rs`), lines one after the other
/// (`batch_file_writer.rs`), and the files of tables through pyarrow (`catalog.rs`). It divides rows among the
/// folders of partitions in one thread (`partition.rs`).
const SINKS: [(&str, Writer); 5] = [
    ("Sink:Parquet", Writer::Columns),
    ("Sink:Csv", Writer::Rows),
    ("Sink:Json", Writer::Rows),
    ("Sink:Iceberg(", Writer::Rows),
    ("Sink:DeltaLake(", Writer::Rows),
];

/// How Daft writes the columns by whose values files are divided among folders, and the folder of all files,
/// without spaces, and the beginning of a path on a disk.
const PARTITIONED: &str = "Partitioncols=";
const FOLDER: &str = "Rootdir=";
const ON_DISK: &str = "file://";

/// Operators that give each row, or what they make of it, to the same task as before, and in a worker of
/// several threads in another order. A concatenation gives its inputs as they come.
const BY_ROW: [&str; 5] = ["Project", "Filter", "Explode", "Unpivot", "Concat"];
/// Operators that pass rows on to the same task in their order.
const IN_ORDER: [&str; 3] = ["Sink", "Limit", "Offset"];
/// Operators that leave few rows.
const AGGREGATING: [&str; 4] = ["Group-ByAggregate", "UngroupedAggregate", "TopN", "Pivot"];
const SORT: &str = "Sort";

/// How one worker writes the rows of which several tasks would write files at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// The columns of a file are encoded at the same time.
    Columns,
    /// Rows are encoded one after the other, or first divided among the folders of partitions.
    Rows,
}

/// How rows come from an operator to the sink.
#[derive(Clone, Copy)]
struct Way<'a> {
    /// Whether the tasks that the rows come in write them, each to files of its own.
    keeps_tasks: bool,
    /// The operator on the way after which rows are in another order, if any.
    mixed_by: Option<&'a Operator>,
    /// The same operator, if the rows are sorted before it.
    mixes_sorted: Option<&'a Operator>,
    /// Whether only few rows are left of them.
    is_aggregated: bool,
}

impl Way<'_> {
    const TO_SINK: Self =
        Self { keeps_tasks: true, mixed_by: None, mixes_sorted: None, is_aggregated: false };
    const ELSEWHERE: Self = Self { keeps_tasks: false, is_aggregated: true, ..Self::TO_SINK };
}

/// Decides whether one worker can write all files of a query that writes.
///
/// # Returns
///
/// How the worker writes rows that several tasks would write at the same time; None if one task would write
/// them all, or if few rows are left to be written.
///
/// # Errors
///
/// What keeps the query in tasks, as the end of a sentence:
///
/// * It does not write files through Daft's own code.
/// * Several tasks bring rows from a source to the sink as they are. Stock Daft then leaves a file for each,
///   and the user knows how many these are: one for each file or partition that is read. Where Daft moves rows
///   between tasks, their number is its own affair.
/// * The rows are sorted, are not few, and an operator after the sort would mix them: Daft does not keep the
///   order of the batches of a task that writes (`blocking_sink.rs`). Stock Daft sorts smaller ranges, which
///   have fewer batches.
/// * It reads where it writes. If it overwrites these files and its worker dies while it deletes the old ones,
///   it could not begin again.
pub(crate) fn one_writer(
    operators: &[Operator],
    logical: &[Operator],
) -> Result<Option<Writer>, String> {
    let sink = operators.first().filter(|first| first.squeezed_kind() == "Sink");
    let Some(sink) = sink else { return Err("its write".to_owned()) };
    let Some((_, writer)) = SINKS.iter().find(|(name, _)| sink.is_to(name)) else {
        let to = sink.name.trim_start_matches("Sink:").split('(').next().unwrap_or_default();
        return Err(format!("its write to '{}'", Quoted(to.trim())));
    };
    if let Some(folder) = sink.described(FOLDER)
        && operators.iter().any(|operator| operator.reads_below(folder))
    {
        return Err("its write to where it reads".to_owned());
    }
    let (mut tasks, mut has_many_writers) = (0_u64, false);
    // For each depth how rows come to the sink from the next operator at this depth.
    let mut above: Vec<Way<'_>> = vec![Way::TO_SINK];
    for operator in operators {
        let way = above.get(operator.depth).copied().unwrap_or(Way::ELSEWHERE);
        let kind = operator.squeezed_kind();
        if let Some(of_source) = operator.source_tasks(logical) {
            if way.keeps_tasks {
                let Some(of_source) = of_source else { return Err("its write".to_owned()) };
                tasks = tasks.saturating_add(of_source);
            }
            if let Some(mixes) = way.mixes_sorted.filter(|_| !way.is_aggregated) {
                return Err(format!("'{}' of sorted rows that it writes", Quoted(mixes.kind())));
            }
            has_many_writers |= !(way.keeps_tasks || way.is_aggregated);
        }
        let way = if BY_ROW.contains(&kind) {
            Way { mixed_by: Some(operator), ..way }
        } else if IN_ORDER.contains(&kind) {
            way
        } else {
            let is_aggregated = way.is_aggregated || AGGREGATING.contains(&kind);
            let mixed = way.mixed_by.filter(|_| way.keeps_tasks && kind == SORT);
            let mixes_sorted = way.mixes_sorted.or(mixed);
            Way { keeps_tasks: false, is_aggregated, mixes_sorted, ..way }
        };
        above.truncate(operator.depth);
        above.resize(operator.depth, Way::ELSEWHERE);
        // The branch to the right starts with an operator that this one reads from as well.
        above.extend([way, way]);
    }
    if tasks > 1 {
        return Err(format!("the files that it writes, one for each of {tasks} tasks"));
    }
    let by_row = sink.described(PARTITIONED).map(|_| Writer::Rows);
    Ok(has_many_writers.then_some(by_row.unwrap_or(*writer)))
}

impl Operator {
    fn is_to(&self, sink: &str) -> bool {
        self.header() == sink || sink.ends_with('(') && self.header().starts_with(sink)
    }

    /// For a source, the number of its tasks, if that is known; None for every other operator.
    fn source_tasks(&self, logical: &[Operator]) -> Option<Option<u64>> {
        match self.squeezed_kind() {
            "InMemorySource" => Some(in_memory_partitions(logical)),
            kind if kind.ends_with("Source") => Some(self.scan_tasks()),
            _ => None,
        }
    }

    /// Whether the operator is a scan that reads files in a folder, as far as Daft names the files.
    fn reads_below(&self, folder: &str) -> bool {
        let folder = folder.trim_start_matches(ON_DISK).trim_end_matches('/');
        let is_below = |file: &str| {
            let file = file.trim_start_matches(ON_DISK);
            if folder.starts_with('/') || folder.contains("://") {
                return file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
            }
            // A path from the working folder, which is not known here.
            let named = folder.split('/').filter(|part| !["", ".", "..", "~"].contains(part));
            let named: Vec<&str> = named.collect();
            named.is_empty() || file.contains(&format!("/{}/", named.join("/")))
        };
        let mut files = self.lines.iter().filter_map(|line| line.strip_prefix(OF_FILES));
        self.is_scan() && files.any(is_below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::explain_text::operators;

    fn scan(tasks: u64) -> String {
        format!(
            "* ScanTaskSource:\n|   Num Scan Tasks = {tasks}\n|   Scan Tasks: [\n\
             |   {{File {{file:///in/part/a.parquet}}}}\n|   ]\n"
        )
    }

    const PARQUET: &str = "* Sink: Parquet\n|   Root dir = /out\n|\n";
    const CSV: &str = "* Sink: Csv\n|   Root dir = /out\n|\n";
    const PROJECT: &str = "* Project: col(0: a)\n|\n";
    const SORTED: &str = "* Sort\n|   Sort by: col(0: a)\n|\n";
    const GROUPED: &str = "* Group-By Aggregate: col(0: k)\n|\n* RayShuffle: Hash\n|\n";

    fn writer(plan: &str) -> Result<Option<Writer>, String> {
        let logical = "* Source:\n|   Number of partitions = 3\n";
        one_writer(&operators(plan), &operators(logical))
    }

    fn joined(left: &str, right: &str) -> String {
        format!("* HashJoin\n|\\\n| {}|\n{right}", left.replace('\n', "\n| "))
    }

    #[test]
    fn one_task_is_written_by_one_worker_as_on_stock() {
        for above in ["", PROJECT, "* Filter: true\n|\n* Limit: 5\n|\n"] {
            assert_eq!(writer(&format!("{PARQUET}{above}{}", scan(1))), Ok(None), "{above}");
        }
        assert_eq!(writer(&format!("{CSV}{}", scan(1))), Ok(None));
    }

    #[test]
    fn tasks_that_write_what_they_read_leave_a_file_each() {
        let why =
            |tasks: u64| Err(format!("the files that it writes, one for each of {tasks} tasks"));
        assert_eq!(writer(&format!("{PARQUET}{PROJECT}{}", scan(4))), why(4));
        assert_eq!(writer(&format!("{PARQUET}* Limit: 5\n|\n{}", scan(4))), why(4));
        let concat = joined(&scan(1), &scan(1)).replace("HashJoin", "Concat");
        assert_eq!(writer(&format!("{PARQUET}{concat}")), why(2));
        assert_eq!(writer(&format!("{PARQUET}* InMemorySource:\n")), why(3));
        assert!(one_writer(&operators(&format!("{PARQUET}* InMemorySource:\n")), &[]).is_err());
    }

    #[test]
    fn rows_that_are_moved_between_tasks_have_one_writer() {
        let columns = Ok(Some(Writer::Columns));
        assert_eq!(writer(&format!("{PARQUET}{SORTED}{}", scan(4))), columns);
        let join = joined(&scan(4), &scan(9));
        assert_eq!(writer(&format!("{PARQUET}{PROJECT}{join}")), columns);
        let partitioned = PARQUET.replace("|   Root", "|   Partition cols = col(k)\n|   Root");
        assert_eq!(writer(&format!("{partitioned}{SORTED}{}", scan(4))), Ok(Some(Writer::Rows)));
        assert_eq!(writer(&format!("{CSV}{join}")), Ok(Some(Writer::Rows)));
        assert_eq!(writer(&format!("{CSV}{GROUPED}{}", scan(4))), Ok(None), "few rows are left");
        let half = joined(&format!("{GROUPED}{}", scan(4)), &scan(4));
        assert_eq!(writer(&format!("{CSV}{half}")), Ok(Some(Writer::Rows)));
        let with_one_more = joined(&format!("{GROUPED}{}", scan(4)), &scan(1));
        let concat = with_one_more.replace("HashJoin", "Concat");
        assert_eq!(writer(&format!("{CSV}{concat}")), Ok(None));
    }

    #[test]
    fn sorted_rows_are_not_mixed_before_they_are_written() {
        let mixed = writer(&format!("{PARQUET}{PROJECT}{SORTED}{}", scan(4)));
        assert_eq!(mixed, Err("'Project' of sorted rows that it writes".to_owned()));
        let later = writer(&format!("{PARQUET}{SORTED}{PROJECT}{}", scan(4)));
        assert_eq!(later, Ok(Some(Writer::Columns)));
        for few in [format!("{GROUPED}{SORTED}"), format!("{SORTED}{GROUPED}")] {
            assert_eq!(writer(&format!("{PARQUET}{PROJECT}{few}{}", scan(4))), Ok(None), "{few}");
        }
        let half = joined(&format!("{GROUPED}{}", scan(4)), &scan(4));
        assert!(writer(&format!("{PARQUET}{PROJECT}{SORTED}{half}")).is_err());
    }

    #[test]
    fn what_is_read_is_not_overwritten() {
        let into = |folder: &str| {
            writer(&format!("* Sink: Parquet\n|   Root dir = {folder}\n|\n{}", scan(1)))
        };
        for folder in ["/in", "/in/", "file:///in/part", "part", "../in/part/", "./in", "."] {
            assert_eq!(into(folder), Err("its write to where it reads".to_owned()), "{folder}");
        }
        for folder in ["/in/part/a", "/i", "s3://in", "in.parquet", "out", "/part"] {
            assert_eq!(into(folder), Ok(None), "{folder}");
        }
    }

    #[test]
    fn files_of_tables_are_written_by_row() {
        for sink in ["Iceberg(Some(\"a.b\"))", "DeltaLake(s3://a)"] {
            let plan = |below: &str| writer(&format!("* Sink: {sink}\n|\n{below}"));
            assert_eq!(plan(&scan(1)), Ok(None), "{sink}");
            assert_eq!(plan(&format!("{SORTED}{}", scan(4))), Ok(Some(Writer::Rows)), "{sink}");
            assert!(plan(&scan(4)).is_err(), "{sink}");
        }
    }

    #[test]
    fn other_writes_have_no_one_writer() {
        for (sink, why) in [
            ("* Sink: Lance(/a)\n|\n", "its write to 'Lance'"),
            ("* Sink: Icebergish\n|\n", "its write to 'Icebergish'"),
            ("* Sink: Parquetish\n|\n", "its write to 'Parquetish'"),
            ("* Project: url_upload(col(0: a))\n|\n", "its write"),
            ("* Project: a\n|\n* Sink: Parquet\n|\n", "its write"),
        ] {
            assert_eq!(writer(&format!("{sink}{}", scan(1))), Err(why.to_owned()), "{sink}");
        }
    }
}
