use super::gain::{Advice, least_us};
use crate::profile::amounts::duration;
use crate::profile::figures::usage::Figures;
use crate::profile::record::ProfileRecord;
use crate::profile::time::state::State;

/// Workers that were not up while the query could have used them.
pub(super) fn start(record: &ProfileRecord, figures: &Figures) -> Option<Advice> {
    let not_up = figures.lost_us(State::NotUp);
    let saved = not_up.min(figures.wall_us as f64 - least_us(figures));
    let remedy = match record.layout.contains("startup=eager") {
        true => "run a short query first",
        false => "startup=eager, or run a short query first",
    };
    let sentence = format!(
        "the workers were not up for {} of {}; start them before the query ({remedy})",
        duration(not_up as u64),
        duration(figures.wall_us),
    );
    let is_used = !record.tasks.is_empty();
    Advice::saving(figures, saved, &sentence).filter(|_| is_used)
}
