use serde::Serialize;

use crate::profile::time::lanes::WorkerLanes;
use crate::profile::time::state::State;

/// How long the slots were in a state, all together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Lost {
    /// The state.
    pub(crate) state: State,
    /// The time of all slots together, in microseconds.
    pub(crate) slots_us: u64,
    /// Its part of all slots times the time of the query.
    pub(crate) part: f64,
}

/// Adds up the time of the slots, by state in the order of `State::ALL`.
pub(crate) fn lost(lanes: &[WorkerLanes]) -> [Lost; State::ALL.len()] {
    let mut all = State::ALL.map(|state| Lost { state, slots_us: 0, part: 0.0 });
    for span in lanes.iter().flat_map(|worker| worker.lanes.iter().flatten()) {
        if let Some(of_state) = all.get_mut(span.state.place()) {
            of_state.slots_us += span.to - span.from;
        }
    }
    let total: u64 = all.iter().map(|of_state| of_state.slots_us).sum();
    for of_state in &mut all {
        of_state.part = of_state.slots_us as f64 / total.max(1) as f64;
    }
    all
}
