//! What keeps the scans of a query as they are.

use crate::query::explain_text::Operator;
use crate::query::python_code::OF_FILES;

/// Operators whose answer is the same however rows are spread over the tasks before them, but for what
/// `docs/auto.md` says may differ, which on stock differs from run to run (0.7.6 to 0.7.26, without spaces). What is
/// not among them keeps the tasks: ids, samples and shuffles count rows by task, a limit takes rows from tasks as
/// these offer them (`daft/execution/ray_distributed_limit.py`), a cross join runs each task of one side for each of
/// the other, and of an operator that is new nothing is known.
const INDIFFERENT: [&str; 28] = [
    "ScanTaskSource",
    "InMemorySource",
    "GlobScanSource",
    "Project",
    "Filter",
    "ActorUDF",
    "Explode",
    "Unpivot",
    "Sink",
    "Concat",
    "Group-ByAggregate",
    "UngroupedAggregate",
    "Distinct",
    "HashJoin",
    "BroadcastJoin",
    "SortMergeJoin",
    "TopN",
    "Sort",
    "Window",
    "Pivot",
    "IntoPartitions",
    "Repartition",
    "RayShuffle",
    "FlightShuffle",
    "Pre-ShuffleMerge",
    "Gather",
    "RayGather",
    "FlightGather",
];

/// A function that starts anew from its seed in each task.
const SEEDED: &str = "random_int(";
/// How a logical plan says that a source gives all rows of a key in one task, so that none are moved for it.
const CLUSTERED: &str = "Clusteringkeys=[";

/// Operators whose answer can depend on the order in which their rows come.
const ORDERED: [&str; 7] =
    ["Group-ByAggregate", "UngroupedAggregate", "Distinct", "Window", "Sort", "TopN", "Pivot"];
/// What gives rows an order. Where one task has them all it is the same in every run, ties and all; where several
/// have, each sorts a range of its own, and Daft finds the bounds of the ranges anew in every run.
const SORT: &str = "Sort";

/// What files are called that are no files of lines.
const PARQUET: &str = ".parquet";
/// Aggregations that take rows as they come.
const PICKING: [&str; 4] = ["any_value(", "list(", "set(", "concat("];

/// Finds what makes the answer of a query depend on which rows a task has, or could; None where nothing does,
/// so that its scans may be cut into other tasks.
pub(crate) fn pinned_by(operators: &[Operator], logical: &[Operator]) -> Option<String> {
    let seeded = |operator: &Operator| {
        operator.header().contains(SEEDED)
            || operator.lines.iter().any(|line| line.contains(SEEDED))
    };
    if let Some(operator) = operators.iter().find(|operator| !operator.is_indifferent()) {
        return Some(operator.kind().to_owned());
    }
    if operators.iter().any(seeded) {
        return Some("random_int".to_owned());
    }
    if let Some(operator) = reads_sorted(operators) {
        return Some(format!("{} of sorted rows", operator.kind()));
    }
    let is_clustered = |operator: &Operator| {
        operator.described(CLUSTERED).is_some_and(|keys| !keys.starts_with(']'))
    };
    logical.iter().any(is_clustered).then(|| "the clustering keys of the source".to_owned())
}

/// Whether what it answers of files that stock Daft may read in one piece, and so in their order, depends on that
/// order. Those are files of lines: of a Parquet file of several row groups, stock's threads mix the rows anyway.
/// Workers of one thread keep the order when such files are split, others do not.
pub(crate) fn depends_on_row_order(operators: &[Operator]) -> bool {
    operators.iter().any(Operator::scans_lines) && operators.iter().any(Operator::picks_rows)
}

/// The operator that can tell in which order its rows come, and has them from a sort.
fn reads_sorted(operators: &[Operator]) -> Option<&Operator> {
    // By depth the last operator that the next one there gives its rows to, and that can tell their order.
    let mut above: Vec<Option<&Operator>> = vec![None];
    for operator in operators {
        let reader = above.get(operator.depth).copied().flatten();
        if reader.is_some() && operator.squeezed_kind() == SORT {
            return reader;
        }
        let reader = if operator.is_ordered() { Some(operator) } else { reader };
        above.truncate(operator.depth);
        above.resize(operator.depth, None);
        // The branch to the right of its own line starts with what it reads from as well.
        above.extend([reader, reader]);
    }
    None
}

/// Operators that may make several rows of one.
const MULTIPLYING: [&str; 3] = ["Explode", "Unpivot", "Join"];

impl Operator {
    /// Whether it may make several rows of one.
    pub(crate) fn multiplies(&self) -> bool {
        MULTIPLYING.iter().any(|kind| self.squeezed_kind().ends_with(kind))
    }

    fn scans_lines(&self) -> bool {
        let mut files = self.lines.iter().filter(|line| line.starts_with(OF_FILES));
        self.is_scan() && files.any(|line| !line.trim_end_matches('}').ends_with(PARQUET))
    }

    fn picks_rows(&self) -> bool {
        let picks = |text: &str| PICKING.iter().any(|function| text.contains(function));
        match self.squeezed_kind() {
            "Distinct" | "Window" => true,
            "Group-ByAggregate" | "UngroupedAggregate" | "Pivot" => {
                self.is_python()
                    || picks(self.header())
                    || self.lines.iter().any(|line| picks(line))
            }
            _ => false,
        }
    }

    fn is_ordered(&self) -> bool {
        ORDERED.contains(&self.squeezed_kind())
    }

    fn is_indifferent(&self) -> bool {
        self.is_udf() || INDIFFERENT.contains(&self.squeezed_kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::explain_text::operators;

    const SCAN: &str = "* ScanTaskSource:\n|   Num Scan Tasks = 1\n";

    fn keeps(above: &str, logical: &str) -> Option<String> {
        pinned_by(&operators(&format!("{above}{SCAN}")), &operators(logical))
    }

    #[test]
    fn what_is_known_to_be_indifferent_may_be_cut_anew() {
        for plan in [
            "* UDF m.f:\n|   Expr = py_udf(col(0: a))\n|\n",
            "* Group-By Aggregate: col(0: k)\n|\n* RayShuffle: Hash\n|\n",
            "* Ungrouped Aggregate: sum(a)\n|\n* RayGather\n|\n",
            "* Sort\n|   Sort by: col(0: a)\n|\n",
            "* Sink: Parquet\n|\n",
        ] {
            assert_eq!(
                keeps(plan, "* Num Scan Tasks = 1\n|   Clustering keys = []\n"),
                None,
                "{plan}"
            );
        }
    }

    #[test]
    fn what_could_depend_on_the_tasks_keeps_them() {
        for kind in [
            "MonotonicallyIncreasingId",
            "Sample",
            "RandomShuffle",
            "Limit",
            "CrossJoin",
            "AsofJoin",
            "What Daft may have next",
        ] {
            assert_eq!(keeps(&format!("* {kind}: 5\n|\n"), "").as_deref(), Some(kind));
        }
        let random = "* Project: col(0: a), random_int(lit(0), lit(9), lit(7)) as r\n|\n";
        assert_eq!(keeps(random, "").as_deref(), Some("random_int"));
        let clustered = keeps("", "* Num Scan Tasks = 1\n|   Clustering keys = [col(k)]\n");
        assert!(clustered.is_some_and(|what| what.contains("clustering keys")));
    }

    const SORTED: &str = "* Sort\n|   Sort by: col(0: a)\n|\n";

    #[test]
    fn what_can_tell_the_order_of_sorted_rows_keeps_their_tasks() {
        for (reader, kind) in [
            ("* Distinct: By col(0: k)\n|\n", "Distinct"),
            ("* Group-By Aggregate: col(0: k)\n|\n* RayShuffle: Hash\n|\n", "Group-By Aggregate"),
            ("* Ungrouped Aggregate: list(col(0: a))\n|\n* RayGather\n|\n", "Ungrouped Aggregate"),
            ("* Window:\n|   Partition by: col(0: k)\n|\n* Filter: true\n|\n", "Window"),
            ("* TopN: Sort by = col(0: k), Num Rows = 3\n|\n", "TopN"),
            ("* Pivot:\n|   Group By = col(0: k)\n|\n", "Pivot"),
            (SORTED, "Sort"),
        ] {
            let kept = format!("{kind} of sorted rows");
            assert_eq!(keeps(&format!("{reader}{SORTED}"), ""), Some(kept), "{reader}");
            assert_eq!(keeps(reader, ""), None, "{reader}");
        }
        for indifferent in ["* Project: col(0: a)\n|\n", "* Sink: Parquet\n|\n", "* Concat\n|\n"] {
            assert_eq!(keeps(&format!("{indifferent}{SORTED}"), ""), None, "{indifferent}");
        }
    }

    #[test]
    fn rows_that_are_sorted_later_or_elsewhere_do_not_count() {
        let distinct = "* Distinct: By col(0: k)\n|\n";
        assert_eq!(keeps(&format!("{SORTED}{distinct}"), ""), None);
        let branch =
            format!("* BroadcastJoin\n|\\\n| * Sort\n| |   Sort by: col(0: a)\n| |\n| {SCAN}|\n");
        assert_eq!(keeps(&format!("{branch}{distinct}"), ""), None);
        assert!(keeps(&format!("{distinct}{branch}"), "").is_some());
        let other = format!("* BroadcastJoin\n|\\\n| {SCAN}|\n{SORTED}");
        assert!(keeps(&format!("{distinct}{other}"), "").is_some());
        let above_one =
            format!("* BroadcastJoin\n|\\\n| * Distinct: By col(0: k)\n| |\n| {SCAN}|\n{SORTED}");
        assert_eq!(keeps(&above_one, ""), None);
    }

    #[test]
    fn rows_of_lines_are_taken_as_they_come_by_what_picks_among_them() {
        let takes = |above: &str, file: &str| {
            let scan = format!("{SCAN}|   Scan Tasks: [\n|   {{File {{file:///{file}}}}}\n|   ]\n");
            depends_on_row_order(&operators(&format!("{above}{scan}")))
        };
        for picks in [
            "* Group-By Aggregate: col(0: k)\n|   Aggregations = any_value(col(1: a))\n|\n",
            "* Group-By Aggregate: col(0: k)\n|   Aggregations = m.f-1-0(col(1: a))\n|\n",
            "* Ungrouped Aggregate: list(col(0: a))\n|\n",
            "* Distinct: By col(0: k)\n|\n",
            "* Window:\n|   Partition by: col(0: k)\n|\n",
        ] {
            assert!(takes(picks, "a.jsonl"), "{picks}");
            assert!(!takes(picks, "a.parquet"), "{picks}");
            assert!(takes(picks, "x.parquet/part.jsonl"), "{picks}");
        }
        for other in ["* Ungrouped Aggregate: sum(col(0: a))\n|\n", SORTED, "* Sink: Parquet\n|\n"]
        {
            assert!(!takes(other, "a.jsonl"), "{other}");
        }
    }
}
