use super::gain::{Advice, idle_us, reads};
use crate::cluster::resources::count_of;
use crate::measured::HAND_OUT_US;
use crate::profile::amounts::duration;
use crate::profile::figures::stages::Stage;
use crate::profile::figures::usage::Figures;
use crate::profile::record::ProfileRecord;
use crate::quoted::Quoted;

/// A task that is shorter is not worth handing out.
const LEAST_TASK_US: u64 = 50_000;

/// A GIL that is held for a larger part of the time lets one task of a worker run at a time.
const HELD: f64 = 0.8;

/// Whether a stage has fewer tasks than its tasks could take slots.
pub(super) fn is_few(figures: &Figures, stage: &Stage) -> bool {
    stage.tasks.saturating_mul(stage.width.into()) < figures.slots
}

/// A stage of few tasks, which leave the other slots without work.
pub(super) fn few_tasks(
    record: &ProfileRecord,
    figures: &Figures,
    stage: &Stage,
) -> Option<Advice> {
    let is_held = stage.gil.is_some_and(|gil| gil.held > HELD);
    let most = if is_held { record.workers.len() as u64 } else { figures.slots };
    let tasks = (stage.work_us / LEAST_TASK_US).min(most / u64::from(stage.width.max(1)));
    if tasks <= stage.tasks {
        return None;
    }
    let mut remedies = Vec::new();
    if reads(stage) {
        remedies.push("write its input with more files or smaller row groups".to_owned());
    }
    if record.can_repartition {
        remedies.push(format!("use into_partitions({tasks})"));
    }
    if remedies.is_empty() {
        return None;
    }
    let took = stage.last_ended_us.saturating_sub(stage.first_begun_us);
    let would_take = stage.work_us as f64 / tasks as f64 + (tasks * HAND_OUT_US) as f64;
    let why = record.unsplit.as_ref().filter(|_| reads(stage));
    let sentence = format!(
        "'{}' is {} of {} on {} slots{}; {}",
        Quoted(&stage.name),
        count_of(stage.tasks, "task"),
        duration(stage.longest_us),
        figures.slots,
        why.map(|why| format!(" ({})", Quoted(why))).unwrap_or_default(),
        remedies.join(", or "),
    );
    Advice::saving(figures, (took as f64 - would_take).min(idle_us(figures)), &sentence)
}
