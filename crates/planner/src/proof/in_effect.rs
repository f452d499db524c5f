use std::collections::BTreeMap;

use crate::cluster::resources::count_of;
use crate::layout::rules::Layout;
use crate::proof::report::WorkerState;
use crate::quoted::Quoted;

/// What of a fleet decides whether a layout is in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetInUse {
    /// The layout of its workers.
    pub layout: Layout,
    /// Whether queries of the layout in force were sent to the fleet, such as a query whose tasks were too wide
    /// for the layout's workers.
    pub serves: bool,
    /// The state of each worker.
    pub workers: Vec<WorkerState>,
}

/// Returns why a layout is not in effect, or None if it is: at least one live worker runs its queries.
///
/// The workers that count are those of the layout's target layouts and those that its queries were sent to.
/// Workers of other layouts, such as that of an outer block, do not count.
pub fn why_not_in_effect(in_force: Option<&Layout>, fleets: &[FleetInUse]) -> Option<String> {
    let Some(in_force) = in_force else {
        return Some("the patch is not applied".to_owned());
    };
    let target_layouts = in_force.target_layouts();
    let (own, others): (Vec<_>, Vec<_>) =
        fleets.iter().partition(|fleet| fleet.serves || target_layouts.contains(&fleet.layout));
    let workers: Vec<WorkerState> = own.iter().flat_map(|fleet| &fleet.workers).copied().collect();
    if workers.contains(&WorkerState::Alive) {
        return None;
    }
    let layout = in_force.to_string();
    if !workers.is_empty() {
        let mut of_state: BTreeMap<&str, usize> = BTreeMap::new();
        for state in &workers {
            *of_state.entry(state.name()).or_default() += 1;
        }
        let states: Vec<_> = of_state.iter().map(|(state, n)| format!("{n} {state}")).collect();
        return Some(format!(
            "no worker of the layout '{}' answers: {}",
            Quoted(&layout),
            states.join(", ")
        ));
    }
    let none = "no query has started workers yet";
    let live = |fleet: &FleetInUse| {
        fleet.workers.iter().filter(|state| **state == WorkerState::Alive).count() as u64
    };
    let workers: u64 = others.iter().map(|fleet| live(fleet)).sum();
    if workers > 0 {
        let there = others.iter().filter(|fleet| live(fleet) > 0);
        let there: Vec<_> =
            there.map(|fleet| format!("'{}'", Quoted(&fleet.layout.to_string()))).collect();
        return Some(format!(
            "{none} under the layout '{}'; there are only {} of {}",
            Quoted(&layout),
            count_of(workers, "worker"),
            there.join(" and ")
        ));
    }
    Some(none.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet(layout: &str, serves: bool, workers: &[WorkerState]) -> FleetInUse {
        let layout = layout.parse().expect("valid");
        FleetInUse { layout, serves, workers: workers.to_vec() }
    }

    fn why(in_force: &str, fleets: &[FleetInUse]) -> Option<String> {
        why_not_in_effect(Some(&in_force.parse().expect("valid")), fleets)
    }

    #[test]
    fn live_workers_of_the_layout_are_its_effect() {
        let alive = [WorkerState::Dead, WorkerState::Alive];
        assert_eq!(why("per-core", &[fleet("per-core", false, &alive)]), None);
        for layout in ["per-core,startup=progressive", "per-node"] {
            assert_eq!(why("auto", &[fleet(layout, false, &alive)]), None);
        }
        assert_eq!(why("per-core", &[fleet("cpus-per-worker=2", true, &alive)]), None, "too wide");
    }

    #[test]
    fn workers_of_another_layout_are_not() {
        let other = [fleet("per-core", false, &[WorkerState::Alive, WorkerState::Alive])];
        assert_eq!(
            why("per-node", &other).expect("not in effect"),
            "no query has started workers yet under the layout 'per-node'; there are only 2 workers of 'per-core'"
        );
        assert!(why("auto", &other).is_some(), "it has progressive ones");
    }

    #[test]
    fn workers_that_do_not_answer_are_no_effect() {
        let gone =
            [fleet("per-core", true, &[WorkerState::Dead, WorkerState::Silent, WorkerState::Dead])];
        let reason = "no worker of the layout 'per-core' answers: 2 dead, 1 silent";
        assert_eq!(why("per-core", &gone).expect("not in effect"), reason);
    }

    #[test]
    fn the_reason_says_what_is_missing() {
        assert_eq!(why_not_in_effect(None, &[]).expect("no layout"), "the patch is not applied");
        for fleets in [vec![], vec![fleet("per-core", true, &[])], vec![fleet("auto", false, &[])]]
        {
            assert_eq!(
                why("per-core", &fleets).expect("not in effect"),
                "no query has started workers yet"
            );
        }
    }
}
