use super::gain::{Advice, reads};
use crate::measured::{HAND_OUT_US, TASK_OVERHEAD_MS};
use crate::profile::amounts::{count, duration};
use crate::profile::figures::usage::Figures;
use crate::profile::record::ProfileRecord;
use crate::profile::time::state::State;

/// Slots wait for the runner if they do for more than this part of the time.
const WAITING: f64 = 0.2;

/// The most that a task costs its worker, as a part of the time in which it works: 600 tasks of 6 ms on 2 slots
/// took five times as long as 8 tasks with the same rows.
const MOST_COST: f64 = 0.75;

/// Slots that wait for their tasks to be handed out, or for these to arrive, because tasks are many and short.
pub(super) fn hand_out(record: &ProfileRecord, figures: &Figures) -> Option<Advice> {
    let narrow = || figures.stages.iter().filter(|stage| stage.width == 1);
    let tasks: u64 = narrow().map(|stage| stage.tasks).sum();
    let work: u64 = narrow().map(|stage| stage.work_us).sum();
    let waited = figures.lost_us(State::HandOut) + figures.lost_us(State::OnItsWay);
    // Only if slots wait for it, the runner sends as fast as it can.
    let waits = figures.lost_us(State::HandOut) > WAITING * figures.wall_us as f64;
    let sent = figures.sent_per_s.filter(|_| waits);
    let each = sent.map_or(HAND_OUT_US as f64, |sent| 1e6 / sent);
    // As many tasks as make handing out and working take as long, but not more than make slots end together.
    let most = (4 * figures.slots).max(1);
    let best = ((work as f64 / each).sqrt() as u64).clamp(1, most);
    if tasks < 2 * best {
        return None;
    }
    // A part of what a short task seems to work is what each task costs its worker.
    let mean = work as f64 / tasks.max(1) as f64;
    let cost = (mean * MOST_COST).min((TASK_OVERHEAD_MS * 1000 / 2) as f64);
    let fewer = tasks.saturating_sub(best) as f64;
    let saved = waited * fewer / tasks as f64 + cost * fewer / figures.slots.max(1) as f64;
    let would_work = (work as f64 - cost * fewer) / best.min(figures.slots).max(1) as f64;
    let would_take = best as f64 * each + would_work;
    let mut remedies = Vec::new();
    if figures.stages.iter().any(reads) {
        remedies.push("larger files, or split=false if protoplast has split them".to_owned());
    }
    if record.can_repartition {
        remedies.push(format!("into_partitions({best})"));
    }
    if remedies.is_empty() {
        remedies.push("fewer partitions".to_owned());
    }
    let sentence = format!(
        "{} of {} went to handing out {} tasks of {}, and each may cost its worker {}; about {best} larger \
         tasks would do ({})",
        duration(waited as u64),
        duration(figures.wall_us),
        count(tasks),
        duration(work / tasks.max(1)),
        duration(cost as u64),
        remedies.join(", or "),
    );
    Advice::waiting_less(figures, saved.min(figures.wall_us as f64 - would_take), &sentence)
}
