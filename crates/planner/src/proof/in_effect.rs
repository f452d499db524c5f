use std::collections::BTreeMap;

use crate::cluster::resources::count_of;
use crate::layout::rules::Layout;
use crate::proof::report::WorkerState;
use crate::quoted::Quoted;

/// A fleet, as far as it says whether a layout is in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetInUse {
    /// The layout of its workers.
    pub layout: Layout,
    /// Whether queries of the layout in force were sent to it, such as one that was too wide for its workers.
    pub serves: bool,
    /// How each of its workers is.
    pub workers: Vec<WorkerState>,
}

/// Why a layout is not in effect; None if it is: a live worker is there that runs its queries.
///
/// Its workers are those of the layouts that it stands for, and those that its queries were sent to. What
/// other layouts have, such as that of an outer block, does not count.
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
            *of_state.entry(state.word()).or_default() += 1;
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
            "{none} under the layout '{}'; {} there, of {}",
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
        for target_layouts in ["per-core,startup=progressive", "per-node"] {
            assert_eq!(why("auto", &[fleet(target_layouts, false, &alive)]), None);
        }
        assert_eq!(why("per-core", &[fleet("cpus-per-worker=2", true, &alive)]), None, "too wide");
    }

    #[test]
    fn those_of_another_layout_are_not() {
        let other = [fleet("per-core", false, &[WorkerState::Alive, WorkerState::Alive])];
        assert_eq!(
            why("per-node", &other).expect("not in effect"),
            "no query has started workers yet under the layout 'per-node'; 2 workers there, of 'per-core'"
        );
        assert!(why("auto", &other).is_some(), "it has progressive ones");
    }

    #[test]
    fn workers_that_do_not_answer_are_no_effect() {
        let gone =
            [fleet("per-core", true, &[WorkerState::Dead, WorkerState::Silent, WorkerState::Dead])];
        let said = "no worker of the layout 'per-core' answers: 2 dead, 1 silent";
        assert_eq!(why("per-core", &gone).expect("not in effect"), said);
    }

    #[test]
    fn what_is_not_there_is_said() {
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
