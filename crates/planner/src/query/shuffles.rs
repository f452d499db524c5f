//! How often a query shuffles its rows.

use crate::query::explain_text::Operator;

/// How often the rows of these operators are shuffled if their input has several partitions. If it has one,
/// Daft plans no shuffle yet (without spaces, 0.7.6 to 0.7.26).
const SHUFFLED: [(&str, u64); 6] = [
    ("HashJoin", 2),
    ("SortMergeJoin", 2),
    ("Group-ByAggregate", 1),
    ("Distinct", 1),
    ("Window", 1),
    ("Pivot", 1),
];
/// A sort shuffles its rows itself.
const SORT: &str = "Sort";

/// Returns how often rows are shuffled if the scans of a query have several tasks.
pub(crate) fn shuffles(operators: &[Operator]) -> u64 {
    let sorts = operators.iter().filter(|operator| operator.squeezed_kind() == SORT).count() as u64;
    let planned = operators.iter().filter(|operator| operator.is_shuffle()).count() as u64;
    if planned > sorts {
        return planned;
    }
    let of = |operator: &Operator| {
        SHUFFLED.iter().find(|(kind, _)| operator.squeezed_kind() == *kind).map(|(_, times)| times)
    };
    operators.iter().filter_map(of).fold(sorts, |all, times| all + times)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::explain_text::operators;

    fn of(kinds: &[&str]) -> u64 {
        let plan: String = kinds.iter().map(|kind| format!("* {kind}:\n|\n")).collect();
        shuffles(&operators(&plan))
    }

    #[test]
    fn shuffles_that_daft_has_planned_are_counted() {
        assert_eq!(of(&["Sort", "Group-By Aggregate", "RayShuffle", "Group-By Aggregate"]), 2);
        assert_eq!(of(&["HashJoin", "RayShuffle", "RayShuffle"]), 2);
        assert_eq!(of(&["Project", "BroadcastJoin"]), 0);
    }

    #[test]
    fn those_that_come_with_several_tasks_are_foreseen() {
        assert_eq!(of(&["HashJoin", "Project"]), 2);
        assert_eq!(of(&["Sort", "Group-By Aggregate", "Distinct"]), 3);
        assert_eq!(of(&["Ungrouped Aggregate"]), 0);
    }
}
