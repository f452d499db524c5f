use serde::Serialize;

use crate::profile::figures::stages::Stage;
use crate::profile::figures::usage::Figures;
use crate::profile::time::state::State;

/// The least gain in time that is worth a sentence: a factor, and microseconds.
const LEAST_FACTOR: f64 = 1.1;
const LEAST_SAVED_US: f64 = 200_000.0;

/// What would make a query faster or smaller.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    /// What is so, what to do, and what it may bring.
    pub sentence: String,
    /// How many times as fast the whole query would be at most; None if the gain is not in time.
    pub gain: Option<f64>,
}

impl Advice {
    /// Advice that saves time in which slots do not work; None if it saves too little.
    ///
    /// # Arguments
    ///
    /// * `saved_us`: how much of the query's time it saves at most, in microseconds. The slots cannot do the
    ///   work in less time than it takes if none of them is ever free.
    pub(super) fn saving(figures: &Figures, saved_us: f64, sentence: &str) -> Option<Self> {
        let most = figures.wall_us as f64 - figures.lost_us(State::Working);
        Self::waiting_less(figures, saved_us.min(most), sentence)
    }

    /// Advice that saves time in which tasks themselves wait; None if it saves too little.
    pub(super) fn waiting_less(figures: &Figures, saved: f64, sentence: &str) -> Option<Self> {
        let wall = figures.wall_us as f64;
        let factor = wall / (wall - saved).max(1.0);
        let is_worth_it = saved >= LEAST_SAVED_US && factor >= LEAST_FACTOR;
        is_worth_it.then(|| Self {
            sentence: format!("{sentence}: up to {} times as fast", times(factor)),
            gain: Some(factor),
        })
    }
}

/// Formats a factor.
fn times(factor: f64) -> String {
    if factor < 10.0 { format!("{factor:.1}") } else { format!("{factor:.0}") }
}

/// The time of the slots without work, divided by the slots: the most that better tasks can save.
pub(super) fn idle_us(figures: &Figures) -> f64 {
    [State::HandOut, State::Between, State::Tail].map(|state| figures.lost_us(state)).iter().sum()
}

/// The time that the stages take at least, one after the other, with these slots and these tasks.
pub(super) fn least_us(figures: &Figures) -> f64 {
    let slots = figures.slots.max(1) as f64;
    let least = |stage: &Stage| {
        (stage.longest_us as f64).max(stage.work_us as f64 * f64::from(stage.width) / slots)
    };
    figures.stages.iter().map(least).sum()
}

/// Whether a stage reads files, by the names of its operators. Daft's scan of rows in memory reads none.
pub(super) fn reads(stage: &Stage) -> bool {
    let name = stage.name.to_lowercase().replace("inmemoryscan", "");
    name.contains("scan")
}
