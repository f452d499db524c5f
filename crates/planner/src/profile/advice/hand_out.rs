use super::gain::Advice;
use crate::profile::amounts::{count, duration};
use crate::profile::figures::usage::Figures;
use crate::profile::record::ProfileRecord;
use crate::profile::time::state::State;

/// Slots that wait for their tasks to be handed out, or for these to arrive, because tasks are many and short.
pub(super) fn hand_out(record: &ProfileRecord, figures: &Figures) -> Option<Advice> {
    let narrow = || figures.stages.iter().filter(|stage| stage.width == 1);
    let tasks: u64 = narrow().map(|stage| stage.tasks).sum();
    let work: u64 = narrow().map(|stage| stage.work_us).sum();
    let waited = figures.lost_us(State::HandOut) + figures.lost_us(State::OnItsWay);
    let each = 1e6 / figures.sent_per_s?;
    // As many tasks as make handing out and working take as long, but not more than the slots can do at once.
    let best = ((work as f64 / each).sqrt() as u64).clamp(1, (2 * figures.slots).max(1));
    if tasks < 2 * best {
        return None;
    }
    let saved = waited * (1.0 - best as f64 / tasks as f64);
    let would_take = best as f64 * each + work as f64 / best.min(figures.slots).max(1) as f64;
    let remedy = match record.can_repartition {
        true => format!("into_partitions({best}), larger files"),
        false => "larger files".to_owned(),
    };
    let sentence = format!(
        "{} of {} went to handing out {} tasks of {}; about {best} larger tasks would do ({remedy}, or \
         split=false if protoplast has split them)",
        duration(waited as u64),
        duration(figures.wall_us),
        count(tasks),
        duration(work / tasks.max(1)),
    );
    Advice::saving(figures, saved.min(figures.wall_us as f64 - would_take), &sentence)
}
