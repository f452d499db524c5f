use super::gain::{Advice, idle_us};
use crate::profile::amounts::{count, duration};
use crate::profile::figures::stages::Stage;
use crate::profile::figures::usage::Figures;
use crate::profile::record::ProfileRecord;
use crate::quoted::Quoted;

/// How many times as long as half of the others the longest task is at least.
const LEAST_SKEW: u64 = 3;

/// A stage of which one task takes much longer than the others, so that the others' slots wait for it.
pub(super) fn skew(record: &ProfileRecord, figures: &Figures, stage: &Stage) -> Option<Advice> {
    if stage.tasks < 2 || stage.longest_us < stage.median_us.saturating_mul(LEAST_SKEW) {
        return None;
    }
    let at_once = (figures.slots / u64::from(stage.width.max(1))).clamp(1, stage.tasks);
    let took = stage.last_ended_us.saturating_sub(stage.first_begun_us) as f64;
    let even = stage.work_us as f64 / at_once as f64;
    let longer = (stage.longest_us - stage.median_us) as f64;
    let rows = match (stage.longest_rows, stage.median_rows) {
        (Some(longest), Some(median)) => {
            format!(" ({} rows, where the median is {})", count(longest), count(median))
        }
        _ => String::new(),
    };
    let remedy = match record.can_repartition {
        true => format!(", or use into_partitions({})", figures.slots.saturating_mul(2)),
        false => String::new(),
    };
    let sentence = format!(
        "one task of '{}' took {}, where the median of its {} tasks is {}{rows}; divide its rows more \
         evenly{remedy}",
        Quoted(&stage.name),
        duration(stage.longest_us),
        count(stage.tasks),
        duration(stage.median_us),
    );
    Advice::saving(figures, longer.min(took - even).min(idle_us(figures)), &sentence)
}
