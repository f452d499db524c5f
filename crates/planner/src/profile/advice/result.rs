use super::gain::Advice;
use crate::bytes::bytes;
use crate::profile::amounts::duration;
use crate::profile::figures::usage::Figures;
use crate::profile::time::state::State;

/// A result that takes long to bring to the driver.
pub(super) fn result(figures: &Figures) -> Option<Advice> {
    let took = figures.lost_us(State::Result);
    let what = figures.stages.last().and_then(|stage| stage.bytes);
    let sentence = format!(
        "{} of {} went to bringing {} to the driver; aggregate or select before, or write files on the workers",
        duration(took as u64),
        duration(figures.wall_us),
        what.map_or_else(|| "the result".to_owned(), bytes),
    );
    Advice::saving(figures, took, &sentence)
}
