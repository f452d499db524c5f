//! What keeps the scans of a query as they are.

use crate::plan_text::Operator;

/// Operators whose answer is the same however rows are spread over the tasks before them (0.7.6 to 0.7.26, without
/// spaces). What is not among them keeps the tasks: ids, samples and shuffles count rows by task, a limit takes
/// rows from tasks as these offer them (`daft/execution/ray_distributed_limit.py`), a cross join runs each task
/// of one side for each of the other, and of an operator that is new nothing is known.
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

/// Finds what makes the answer of a query depend on which rows a task has, or could; None where nothing does,
/// so that its scans may be cut into other tasks.
pub(crate) fn keeps_tasks(operators: &[Operator], logical: &[Operator]) -> Option<String> {
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
    let is_clustered = |operator: &Operator| {
        operator.described(CLUSTERED).is_some_and(|keys| !keys.starts_with(']'))
    };
    logical.iter().any(is_clustered).then(|| "the clustering keys of the source".to_owned())
}

/// Operators that may make several rows of one.
const MULTIPLYING: [&str; 3] = ["Explode", "Unpivot", "Join"];

impl Operator {
    /// Whether it may make several rows of one.
    pub(crate) fn multiplies(&self) -> bool {
        MULTIPLYING.iter().any(|kind| self.squeezed_kind().ends_with(kind))
    }

    fn is_indifferent(&self) -> bool {
        self.is_udf() || INDIFFERENT.contains(&self.squeezed_kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan_text::operators;

    const SCAN: &str = "* ScanTaskSource:\n|   Num Scan Tasks = 1\n";

    fn keeps(above: &str, logical: &str) -> Option<String> {
        keeps_tasks(&operators(&format!("{above}{SCAN}")), &operators(logical))
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
}
