//! Merges what is too short to be seen.

use super::looks::{LOOKS, Look, Looks};
use crate::profile::time::lanes::Span;

/// A task of so many columns is told apart from its neighbours.
const LEAST_COLUMNS: u128 = 3;

/// Neighbouring columns of a lane that look the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::profile) struct Block {
    pub(in crate::profile) from: u32,
    pub(in crate::profile) to: u32,
    pub(in crate::profile) look: Look,
    /// The task, if it is wide enough to be told apart.
    pub(in crate::profile) task: Option<usize>,
}

/// Divides a lane into columns of the same time and merges neighbours. A column looks like what took most of it.
pub(in crate::profile) fn blocks(
    lane: &[Span],
    looks: &Looks,
    wall_us: u64,
    columns: u32,
) -> Vec<Block> {
    let mut all: Vec<Block> = Vec::new();
    let mut longest: [(u128, Option<usize>); LOOKS] = [(0, None); LOOKS];
    each_column(lane, wall_us, columns, &mut |column, found| {
        longest.fill((0, None));
        for (span, time) in found {
            let is_wide = u128::from(span.to - span.from) * u128::from(columns)
                >= LEAST_COLUMNS * u128::from(wall_us);
            if let Some(of_look) = longest.get_mut(looks.look(span)) {
                *of_look = (of_look.0 + time, span.task.filter(|_| is_wide).or(of_look.1));
            }
        }
        let most = longest.iter().enumerate().rev().max_by_key(|(_, (time, _))| *time);
        let Some((look, (1.., task))) = most else { return };
        match all.last_mut() {
            Some(last) if last.look == look && last.task == *task && last.to == column => {
                last.to = column + 1;
            }
            _ => all.push(Block { from: column, to: column + 1, look, task: *task }),
        }
    });
    all
}

/// The part of each look in each column of several lanes.
pub(in crate::profile) fn parts(
    lanes: &[&[Span]],
    looks: &Looks,
    wall_us: u64,
    columns: u32,
) -> Vec<[f64; LOOKS]> {
    let mut all = vec![[0.0; LOOKS]; columns as usize];
    for lane in lanes {
        each_column(lane, wall_us, columns, &mut |column, found| {
            for (span, time) in found {
                let part = all.get_mut(column as usize);
                if let Some(part) = part.and_then(|part| part.get_mut(looks.look(span))) {
                    *part += *time as f64 / wall_us as f64 / lanes.len() as f64;
                }
            }
        });
    }
    all
}

/// Calls a function for each column with the spans that lie in it, and how much of the column they take: times
/// `columns` in microseconds, so that a column is as long as the query.
fn each_column<'a>(
    lane: &'a [Span],
    wall_us: u64,
    columns: u32,
    call: &mut impl FnMut(u32, &[(&'a Span, u128)]),
) {
    let scaled = |time: u64| u128::from(time) * u128::from(columns);
    let mut rest = lane;
    let mut found = Vec::new();
    for column in 0..columns {
        let (begin, end) = (
            u128::from(wall_us) * u128::from(column),
            u128::from(wall_us) * u128::from(column + 1),
        );
        found.clear();
        for (place, span) in rest.iter().enumerate() {
            if scaled(span.from) >= end {
                break;
            }
            let time = scaled(span.to).min(end).saturating_sub(scaled(span.from).max(begin));
            if time > 0 {
                found.push((span, time));
            }
            if scaled(span.to) >= end {
                rest = rest.get(place..).unwrap_or_default();
                break;
            }
        }
        call(column, &found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::analysis::Profile;
    use crate::profile::record::{ProfileRecord, TaskRecord, WorkerRecord};

    fn profile(wall_us: u64, tasks: &[(u32, u64, u64)]) -> Profile {
        let task = |(stage, sent_us, returned_us): &_| TaskRecord {
            stage: *stage,
            sent_us: *sent_us,
            returned_us: *returned_us,
            ..TaskRecord::default()
        };
        let worker = WorkerRecord { slots: 1, up_us: Some(0), ..WorkerRecord::default() };
        Profile::of(ProfileRecord {
            wall_us,
            workers: vec![worker],
            tasks: tasks.iter().map(task).collect(),
            ..ProfileRecord::default()
        })
    }

    fn of(profile: &Profile, columns: u32) -> Vec<(u32, u32, Look, Option<usize>)> {
        let lane = &profile.lanes[0].lanes[0];
        let all = blocks(lane, &Looks::of(profile), profile.record.wall_us, columns);
        all.iter().map(|block| (block.from, block.to, block.look, block.task)).collect()
    }

    #[test]
    fn wide_tasks_are_told_apart_and_short_ones_merged() {
        let wide = profile(100, &[(0, 0, 40), (0, 40, 80), (1, 80, 100)]);
        let expected = [(0, 4, 0, Some(0)), (4, 8, 0, Some(1)), (8, 10, 1, None)];
        assert_eq!(of(&wide, 10), expected);
        let short: Vec<_> = (0..100).map(|at| (0, 10 * at, 10 * at + 9)).collect();
        assert_eq!(of(&profile(999, &short), 10), [(0, 10, 0, None)]);
        assert_eq!(of(&profile(2, &[(0, 0, 1)]), 4).first(), Some(&(0, 2, 0, None)));
        assert_eq!(of(&profile(0, &[(0, 0, 0)]), 4), []);
    }

    #[test]
    fn the_parts_of_a_column_are_one() {
        let profile = profile(103, &[(0, 3, 40), (0, 41, 80), (1, 80, 100)]);
        let lane: &[Span] = &profile.lanes[0].lanes[0];
        for part in parts(&[lane, lane], &Looks::of(&profile), 103, 7) {
            assert!((part.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{part:?}");
        }
    }
}
