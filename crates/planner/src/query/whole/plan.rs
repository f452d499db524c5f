//! Whether one worker can run a whole query as one task, with the answer that many tasks give.

use crate::query::explain_text::Operator;
use crate::query::partition_sensitivity::{SEEDED, reads_sorted};
use crate::quoted::Quoted;

/// How the optimized logical plan names what one worker runs as many tasks do (without spaces, 0.7.10 to
/// 0.7.26). All others stay: what the user asks of partitions (`Repartition`, `IntoPartitions`, `IntoBatches`)
/// and what counts rows by task (ids, samples, shuffles), and what only a newer Daft has.
const WHOLE: [&str; 17] = [
    "Sink",
    "Source",
    "Project",
    "Filter",
    "Limit",
    "Offset",
    "Explode",
    "Unpivot",
    "Sort",
    "TopN",
    "Distinct",
    "Aggregation",
    "Aggregate",
    "Pivot",
    "Concat",
    "Join",
    "Window",
];

/// How a logical plan names a scan of files.
const SCAN: &str = "NumScanTasks=";

/// What keeps one worker from running a whole query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// Its Python code, for which other rules choose the workers.
    Python,
    /// Its Python code, which is functions alone. One worker runs them if they take little time.
    Functions,
    /// Something else, as messages show it.
    By(String),
}

/// Returns what keeps one worker from running a whole query; None if nothing does.
///
/// # Arguments
///
/// * `operators`, `logical`: the operators of the distributed plan, and of the optimized logical plan.
/// * `bound_by_write`: what keeps one worker from writing all files of the query, if anything does.
/// * `transfers`: whether the query loads what its rows point to.
pub(crate) fn bound_to_tasks(
    operators: &[Operator],
    logical: &[Operator],
    bound_by_write: Option<String>,
    transfers: bool,
) -> Option<Bound> {
    let by = bound_by_write.or_else(|| bound_by(operators, logical, transfers));
    let mut python = operators.iter().chain(logical).filter(|operator| operator.is_python());
    let Some(first) = python.next() else { return by.map(Bound::By) };
    let is_function = first.is_function() && python.all(Operator::is_function);
    Some(if is_function && by.is_none() { Bound::Functions } else { Bound::Python })
}

fn bound_by(operators: &[Operator], logical: &[Operator], transfers: bool) -> Option<String> {
    if transfers {
        return Some("a download, whose size is not known".to_owned());
    }
    if logical.is_empty() {
        return Some("its logical plan, which is not known".to_owned());
    }
    let named = |operator: &Operator| format!("'{}'", Quoted(operator.kind()));
    let is_whole = |operator: &&Operator| {
        let kind = operator.squeezed_kind();
        WHOLE.contains(&kind) || kind.starts_with(SCAN) || operator.is_udf()
    };
    if let Some(other) = logical.iter().find(|operator| !is_whole(operator)) {
        return Some(named(other));
    }
    let seeded = |text: &str| text.contains(SEEDED);
    let is_seeded = |operator: &&Operator| {
        seeded(operator.header()) || operator.lines.iter().any(|line| seeded(line))
    };
    if operators.iter().any(|operator| is_seeded(&operator)) {
        return Some("'random_int'".to_owned());
    }
    reads_sorted(operators).map(|operator| format!("{} of sorted rows", named(operator)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::explain_text::operators;

    const SCAN_OF_PLAN: &str = "* ScanTaskSource:\n|   Num Scan Tasks = 1\n";
    const SCAN_OF_LOGICAL: &str = "* Num Scan Tasks = 1\n|   Scan Tasks: [\n|   ]\n";

    fn bound(plan: &str, logical: &str) -> Option<String> {
        let bound = bound_to_tasks(
            &operators(&format!("{plan}{SCAN_OF_PLAN}")),
            &operators(&format!("{logical}{SCAN_OF_LOGICAL}")),
            None,
            false,
        );
        bound.map(|bound| match bound {
            Bound::Python => "Python".to_owned(),
            Bound::Functions => "functions".to_owned(),
            Bound::By(what) => what,
        })
    }

    #[test]
    fn native_operators_run_as_one_task() {
        for logical in [
            "* Aggregation: sum(col(v))\n|   Group by = col(k)\n|\n",
            "* Sort: Sort by = (col(v), ascending, nulls last)\n|\n* Join: Type = Inner\n|\n",
            "* Limit: 3\n|\n",
            "* TopN: Sort by = (col(k), ascending, nulls last), Num Rows = 3\n|\n",
            "* Distinct: On col(k)\n|\n",
            "* Concat\n|\n",
            "* Pivot:\n|\n",
            "* Source:\n|   Number of partitions = 1\n|\n",
            "* Sink: Parquet\n|   Root dir = /out\n|\n",
        ] {
            assert_eq!(bound("", logical), None, "{logical}");
        }
    }

    #[test]
    fn what_is_said_of_partitions_and_rows_of_a_task_keeps_its_tasks() {
        for kind in [
            "Repartition",
            "IntoPartitions",
            "IntoBatches",
            "Sample",
            "Shuffle",
            "MonotonicallyIncreasingId",
            "GlobScan",
            "A node of a later Daft",
        ] {
            let logical = format!("* {kind}: 5\n|\n");
            assert_eq!(bound("", &logical), Some(format!("'{kind}'")));
        }
        let random = "* Project: col(0: a), random_int(lit(0), lit(9), lit(7)) as r\n|\n";
        assert_eq!(bound(random, "").as_deref(), Some("'random_int'"));
        let sorted = "* Distinct: By col(0: k)\n|\n* Sort\n|   Sort by: col(0: a)\n|\n";
        assert_eq!(bound(sorted, "").as_deref(), Some("'Distinct' of sorted rows"));
    }

    #[test]
    fn python_code_writes_and_downloads_keep_their_tasks() {
        let udf = "* UDF m.f:\n|   Resource request = None\n|\n";
        assert_eq!(bound(udf, udf).as_deref(), Some("functions"));
        assert_eq!(bound(udf, "* Sample: 5\n|\n").as_deref(), Some("Python"));
        let awaited = udf.replace("Resource", "Properties = { async = true }\n|   Resource");
        assert_eq!(bound(&awaited, &awaited).as_deref(), Some("Python"));
        assert_eq!(bound("* DataSink:\n|\n", "").as_deref(), Some("Python"));
        let scan = operators(SCAN_OF_PLAN);
        let logical = operators(SCAN_OF_LOGICAL);
        let write = "its write".to_owned();
        let by_write = bound_to_tasks(&scan, &logical, Some(write.clone()), false);
        assert_eq!(by_write, Some(Bound::By(write)));
        assert!(bound_to_tasks(&scan, &logical, None, true).is_some());
        assert!(bound_to_tasks(&scan, &[], None, false).is_some(), "no logical plan");
    }
}
