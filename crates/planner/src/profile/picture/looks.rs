use hashbrown::HashMap;

use super::colours::{COLOURS, STAGES};
use crate::profile::analysis::Profile;
use crate::profile::time::lanes::Span;
use crate::profile::time::state::State;

/// The place of a colour in `COLOURS`.
pub(in crate::profile) type Look = usize;

/// How many looks there are.
pub(in crate::profile) const LOOKS: usize = COLOURS.len();

/// How the spans of a profile look.
pub(in crate::profile) struct Looks {
    /// The place of each task's stage among the stages.
    stages: Vec<usize>,
}

impl Looks {
    /// Looks the stages of all tasks up.
    pub(in crate::profile) fn of(profile: &Profile) -> Self {
        let stages = profile.figures.stages.iter().enumerate();
        let places: HashMap<_, _> =
            stages.map(|(place, stage)| ((stage.query, stage.stage), place)).collect();
        let of_task = |key| places.get(&key).copied().unwrap_or_default();
        let tasks = profile.record.tasks.iter();
        Self { stages: tasks.map(|task| of_task((task.query, task.stage))).collect() }
    }

    /// The place of a task's stage among the stages.
    pub(in crate::profile) fn stage(&self, task: usize) -> usize {
        self.stages.get(task).copied().unwrap_or_default()
    }

    /// The look of a span.
    pub(in crate::profile) fn look(&self, span: &Span) -> Look {
        match (span.state, span.task) {
            (State::Working, Some(task)) => self.stage(task) % STAGES,
            (state, _) => of_state(state),
        }
    }
}

/// The look of a state other than working.
pub(in crate::profile) fn of_state(state: State) -> Look {
    COLOURS.iter().position(|colour| colour.0 == state.class()).unwrap_or_default()
}

/// The class of a look.
pub(in crate::profile) fn class(look: Look) -> &'static str {
    COLOURS.get(look).map_or("other", |colour| colour.0)
}
