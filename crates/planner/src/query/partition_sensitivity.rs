//! Partition sensitivity: whether the result of a query depends on how rows are grouped into tasks.

use crate::query::explain_text::Operator;
use crate::query::python_code::OF_FILES;

/// Operators whose result does not depend on how rows are grouped into tasks, except for what `docs/auto.md`
/// lists, which on stock Daft differs from run to run (0.7.6 to 0.7.26, without spaces). All other operators
/// block re-splitting: ids, samples and shuffles count rows per task, a limit takes rows from tasks in the
/// order in which these offer them (`daft/execution/ray_distributed_limit.py`), a cross join runs each task of
/// one side for each task of the other, and of a new operator nothing is known.
const INSENSITIVE: [&str; 28] = [
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

/// A function that starts again from its seed in each task.
pub(crate) const SEEDED: &str = "random_int(";
/// How a logical plan says that a source gives all rows of a key in one task, so that no rows are moved for it.
const CLUSTERED: &str = "Clusteringkeys=[";

/// Operators whose result can depend on the order of their rows.
const ORDERED: [&str; 7] =
    ["Group-ByAggregate", "UngroupedAggregate", "Distinct", "Window", "Sort", "TopN", "Pivot"];
/// The operator that orders rows. If one task has all rows, the order is the same in every run, also among
/// equal keys. If several tasks have them, each sorts a range of its own, and Daft finds the bounds of the
/// ranges anew in every run.
const SORT: &str = "Sort";

/// The ending of files that are not files of lines.
pub(crate) const PARQUET: &str = ".parquet";
/// Aggregations whose result depends on the order of rows.
const PICKING: [&str; 4] = ["any_value(", "list(", "set(", "concat("];

/// Returns the operator whose result depends on how rows are grouped into tasks, or may depend on it; None if
/// there is none, so that the scans may be split into other tasks.
pub(crate) fn pinned_by(operators: &[Operator], logical: &[Operator]) -> Option<String> {
    let seeded = |operator: &Operator| {
        operator.header().contains(SEEDED)
            || operator.lines.iter().any(|line| line.contains(SEEDED))
    };
    if let Some(operator) = operators.iter().find(|operator| !operator.is_insensitive()) {
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

/// Whether the result depends on the order of rows in files that stock Daft may read in one piece, and so in
/// order. These are files of lines: in a Parquet file of several row groups, stock Daft's threads mix the rows
/// anyway. If such files are split, workers of one thread keep the order and other workers do not.
pub(crate) fn depends_on_row_order(operators: &[Operator]) -> bool {
    operators.iter().any(Operator::scans_lines) && operators.iter().any(Operator::picks_rows)
}

/// Returns the operator whose result depends on the order of its rows and that reads sorted rows, or None if
/// there is none.
pub(crate) fn reads_sorted(operators: &[Operator]) -> Option<&Operator> {
    // For each depth the last operator that depends on the order of the rows of the next operator at this
    // depth.
    let mut above: Vec<Option<&Operator>> = vec![None];
    for operator in operators {
        let reader = above.get(operator.depth).copied().flatten();
        if reader.is_some() && operator.squeezed_kind() == SORT {
            return reader;
        }
        let reader = if operator.is_ordered() { Some(operator) } else { reader };
        above.truncate(operator.depth);
        above.resize(operator.depth, None);
        // The branch to the right starts with an operator that this one reads from as well.
        above.extend([reader, reader]);
    }
    None
}

/// The endings of operators that may make several rows of one.
const MULTIPLYING: [&str; 3] = ["Explode", "Unpivot", "Join"];

impl Operator {
    /// Whether the operator may make several rows of one.
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

    fn is_insensitive(&self) -> bool {
        self.is_udf() || INSENSITIVE.contains(&self.squeezed_kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::explain_text::operators;

    const SCAN: &str = "* ScanTaskSource:\n|   Num Scan Tasks = 1\n";

    fn blocking(above: &str, logical: &str) -> Option<String> {
        pinned_by(&operators(&format!("{above}{SCAN}")), &operators(logical))
    }

    #[test]
    fn insensitive_operators_allow_re_splitting() {
        for plan in [
            "* UDF m.f:\n|   Expr = py_udf(col(0: a))\n|\n",
            "* Group-By Aggregate: col(0: k)\n|\n* RayShuffle: Hash\n|\n",
            "* Ungrouped Aggregate: sum(a)\n|\n* RayGather\n|\n",
            "* Sort\n|   Sort by: col(0: a)\n|\n",
            "* Sink: Parquet\n|\n",
        ] {
            assert_eq!(
                blocking(plan, "* Num Scan Tasks = 1\n|   Clustering keys = []\n"),
                None,
                "{plan}"
            );
        }
    }

    #[test]
    fn sensitive_operators_block_re_splitting() {
        for kind in [
            "MonotonicallyIncreasingId",
            "Sample",
            "RandomShuffle",
            "Limit",
            "CrossJoin",
            "AsofJoin",
            "An operator of a later Daft",
        ] {
            assert_eq!(blocking(&format!("* {kind}: 5\n|\n"), "").as_deref(), Some(kind));
        }
        let random = "* Project: col(0: a), random_int(lit(0), lit(9), lit(7)) as r\n|\n";
        assert_eq!(blocking(random, "").as_deref(), Some("random_int"));
        let clustered = blocking("", "* Num Scan Tasks = 1\n|   Clustering keys = [col(k)]\n");
        assert!(clustered.is_some_and(|what| what.contains("clustering keys")));
    }

    const SORTED: &str = "* Sort\n|   Sort by: col(0: a)\n|\n";

    #[test]
    fn operators_on_sorted_rows_block_re_splitting() {
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
            assert_eq!(blocking(&format!("{reader}{SORTED}"), ""), Some(kept), "{reader}");
            assert_eq!(blocking(reader, ""), None, "{reader}");
        }
        for insensitive in ["* Project: col(0: a)\n|\n", "* Sink: Parquet\n|\n", "* Concat\n|\n"] {
            assert_eq!(blocking(&format!("{insensitive}{SORTED}"), ""), None, "{insensitive}");
        }
    }

    #[test]
    fn a_later_or_separate_sort_does_not_block() {
        let distinct = "* Distinct: By col(0: k)\n|\n";
        assert_eq!(blocking(&format!("{SORTED}{distinct}"), ""), None);
        let branch =
            format!("* BroadcastJoin\n|\\\n| * Sort\n| |   Sort by: col(0: a)\n| |\n| {SCAN}|\n");
        assert_eq!(blocking(&format!("{branch}{distinct}"), ""), None);
        assert!(blocking(&format!("{distinct}{branch}"), "").is_some());
        let other = format!("* BroadcastJoin\n|\\\n| {SCAN}|\n{SORTED}");
        assert!(blocking(&format!("{distinct}{other}"), "").is_some());
        let above_one =
            format!("* BroadcastJoin\n|\\\n| * Distinct: By col(0: k)\n| |\n| {SCAN}|\n{SORTED}");
        assert_eq!(blocking(&above_one, ""), None);
    }

    #[test]
    fn picking_operators_depend_on_the_order_of_lines() {
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
