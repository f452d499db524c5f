use super::few_tasks::{few_tasks, is_few};
use super::gain::Advice;
use super::gil::{held_on_wide_workers, released, waits};
use super::hand_out::hand_out;
use super::result::result;
use super::skew::skew;
use super::start::start;
use crate::profile::figures::usage::Figures;
use crate::profile::record::ProfileRecord;

/// All advice, the greatest gain in time first, and then what saves no time.
pub(crate) fn advice(record: &ProfileRecord, figures: &Figures) -> Vec<Advice> {
    let of_stages = figures.stages.iter().filter_map(|stage| match is_few(figures, stage) {
        true => few_tasks(record, figures, stage),
        false => skew(record, figures, stage),
    });
    let of_functions = figures.functions.iter().flat_map(|function| {
        [
            held_on_wide_workers(record, figures, function),
            released(record, figures, function),
            waits(figures, function),
        ]
    });
    let others = [hand_out(record, figures), start(record, figures), result(figures)];
    let mut all: Vec<Advice> =
        of_stages.chain(of_functions.flatten()).chain(others.into_iter().flatten()).collect();
    let gain = |advice: &Advice| advice.gain.unwrap_or(0.0);
    all.sort_by(|one, other| gain(other).total_cmp(&gain(one)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::record::{GilRecord, NodeRecord, TaskRecord, WorkerRecord};
    use crate::profile::time::lanes::lanes;

    const S: u64 = 1_000_000;

    /// The sentences of a record, each with its gain.
    fn said(record: &ProfileRecord) -> Vec<String> {
        let all = advice(record, &Figures::of(record, &lanes(record)));
        assert!(all.iter().all(|advice| advice.gain.is_none_or(|gain| gain >= 1.1)));
        all.into_iter().map(|advice| advice.sentence).collect()
    }

    fn workers(count: usize, slots: u32) -> Vec<WorkerRecord> {
        let worker = |place| WorkerRecord {
            id: format!("n_cpu_{place}"),
            node: "n".to_owned(),
            slots,
            up_us: Some(0),
            peak_bytes: Some(1 << 30),
            ..WorkerRecord::default()
        };
        (0..count).map(worker).collect()
    }

    fn task(worker: usize, from: u64, to: u64) -> TaskRecord {
        TaskRecord {
            worker,
            name: "ScanTaskSource, Project".to_owned(),
            sent_us: from,
            returned_us: to,
            ..TaskRecord::default()
        }
    }

    fn record(wall_us: u64, workers: Vec<WorkerRecord>, tasks: Vec<TaskRecord>) -> ProfileRecord {
        let nodes = vec![NodeRecord { name: "n".to_owned(), cpus: 16, cpu_us: None }];
        ProfileRecord { wall_us, workers, tasks, nodes, ..ProfileRecord::default() }
    }

    /// Tasks of one function, each with so much CPU time and a GIL that is held for a part of it.
    fn with_function(mut record: ProfileRecord, cpu: f64, held: f64) -> ProfileRecord {
        for task in &mut record.tasks {
            task.functions = vec!["embed".to_owned()];
            task.cpu_us = Some(((task.returned_us - task.sent_us) as f64 * cpu) as u64);
            task.gil = Some(GilRecord { held, waited: 0.0, samples: 100 });
        }
        record
    }

    #[test]
    fn one_task_on_many_slots_is_to_be_divided() {
        let one = record(10 * S, workers(16, 1), vec![task(0, 0, 10 * S)]);
        let repartition = ProfileRecord { can_repartition: true, ..one.clone() };
        assert_eq!(
            said(&repartition),
            [
                "'ScanTaskSource, Project' is 1 task of 10.0 s on 16 slots; write its input with more files or \
              smaller row groups, or use into_partitions(16): up to 15 times as fast"
            ]
        );
        assert_eq!(
            said(&one),
            [
                "'ScanTaskSource, Project' is 1 task of 10.0 s on 16 slots; write its input with more files or \
              smaller row groups: up to 15 times as fast"
            ]
        );
        let unsplit = Some("the layout has 'split=false'".to_owned());
        let why = said(&ProfileRecord { unsplit, ..one.clone() });
        assert!(why[0].contains("16 slots (the layout has 'split=false'); write"), "{why:?}");
        let many = (0..16).map(|place| task(place, 0, 10 * S)).collect();
        assert_eq!(said(&record(10 * S, workers(16, 1), many)), [""; 0]);
        let whole = TaskRecord { slots: Some(16), ..task(0, 0, 10 * S) };
        assert_eq!(said(&record(10 * S, workers(1, 16), vec![whole])), [""; 0]);
        let short = record(S / 10, workers(16, 1), vec![task(0, 0, S / 10)]);
        assert_eq!(said(&short), [""; 0]);
    }

    #[test]
    fn what_is_no_scan_and_cannot_be_repartitioned_is_left() {
        let last = TaskRecord { name: "Sort".to_owned(), ..task(0, 0, 10 * S) };
        let one = record(10 * S, workers(16, 1), vec![last]);
        assert_eq!(said(&one), [""; 0]);
        let mut in_memory = one.clone();
        in_memory.tasks[0].name = "InMemoryScan->UDFProject".to_owned();
        assert_eq!(said(&in_memory), [""; 0]);
        let can = ProfileRecord { can_repartition: true, ..one };
        assert!(said(&can)[0].contains("slots; use into_partitions(16)"), "{:?}", said(&can));
    }

    #[test]
    fn a_long_tail_is_found() {
        let mut tasks: Vec<_> = (0..16).map(|place| task(place, 0, S)).collect();
        tasks[3] = TaskRecord { rows: Some(900), ..task(3, 0, 10 * S) };
        tasks[4].rows = Some(100);
        assert_eq!(
            said(&record(10 * S, workers(16, 1), tasks.clone())),
            [
                "one task of 'ScanTaskSource, Project' took 10.0 s, where the median of its 16 tasks is \
              1.00 s (900 rows, where the median is 100); divide its rows more evenly: up to 6.4 times as fast"
            ]
        );
        tasks[3] = task(3, 0, 2 * S);
        assert_eq!(said(&record(2 * S, workers(16, 1), tasks)), [""; 0]);
    }

    #[test]
    fn what_goes_to_handing_out_is_found() {
        // One thread hands out a task each 2 ms; a task works for 2 ms on one of 16 slots.
        let each = |place: u64| task(place as usize % 16, 2_000 * place, 2_000 * place + 2_000);
        let many = record(4 * S, workers(16, 1), (0..2_000).map(each).collect());
        let all = said(&many);
        assert_eq!(all.len(), 1, "{all:?}");
        assert!(
            all[0].starts_with("3.75 s of 4.00 s went to handing out 2,000 tasks of 2.00 ms"),
            "{all:?}"
        );
        assert!(all[0].contains("about 44 larger tasks"), "{all:?}");
        let long = |place: u64| task(place as usize % 16, place / 16 * S, place / 16 * S + S);
        assert_eq!(said(&record(4 * S, workers(16, 1), (0..64).map(long).collect())), [""; 0]);
    }

    #[test]
    fn workers_that_start_late_are_found() {
        let late = |up_us| {
            let worker = |worker| WorkerRecord { up_us: Some(up_us), ..worker };
            let workers = workers(4, 1).into_iter().map(worker).collect();
            let tasks = (0..16).map(|place| {
                let from = up_us + place / 4 * S / 2;
                task(place as usize % 4, from, from + S / 2)
            });
            record(up_us + 2 * S, workers, tasks.collect())
        };
        assert_eq!(
            said(&late(4 * S)),
            [
                "the workers were not up for 4.00 s of 6.00 s; start them before the query (startup=eager, or \
              run a short query first): up to 3.0 times as fast"
            ]
        );
        let eager = ProfileRecord { layout: "per-core,startup=eager".to_owned(), ..late(4 * S) };
        assert!(said(&eager)[0].contains("before the query (run a short query first)"));
        assert_eq!(said(&late(S / 10)), [""; 0]);
    }

    #[test]
    fn a_function_that_releases_the_gil_needs_fewer_workers() {
        let tasks = || (0..16).map(|place| task(place, 0, 10 * S)).collect();
        let per_core = record(10 * S, workers(16, 1), tasks());
        assert_eq!(
            said(&with_function(per_core.clone(), 0.95, 0.06)),
            [
                "'embed' holds the GIL for 6.0 % of its time while it computes (95 % of a core each); workers of \
              several CPUs, such as cpus-per-worker=8, would be as fast, with up to 14.0 GiB of memory less"
            ]
        );
        assert_eq!(said(&with_function(per_core, 0.95, 0.95)), [""; 0]);
        let wide = record(10 * S, workers(1, 16), (0..16).map(|_| task(0, 0, 10 * S)).collect());
        assert_eq!(said(&with_function(wide, 0.95, 0.06)), [""; 0]);
    }

    #[test]
    fn a_function_that_waits_is_found() {
        let tasks = || (0..16).map(|place| task(place, 0, 10 * S)).collect();
        let waits = with_function(record(10 * S, workers(16, 1), tasks()), 0.05, 0.02);
        assert_eq!(
            said(&waits),
            [
                "'embed' waits for 95 % of its time; make it async, or give it more threads: up to 20 times as fast"
            ]
        );
    }

    #[test]
    fn the_gil_of_wide_workers_is_found() {
        let tasks = || (0..8).map(|_| task(0, 0, 10 * S)).collect();
        let mut wide = record(10 * S, workers(1, 8), tasks());
        wide.nodes[0] = NodeRecord { name: "n".to_owned(), cpus: 8, cpu_us: Some(12 * S) };
        assert_eq!(
            said(&with_function(wide.clone(), 0.125, 0.97)),
            [
                "'embed' holds the GIL for 97 % of its time, and 8 tasks share one (15 % of the cores are used); \
              use one worker per core (per-core): up to 6.7 times as fast"
            ]
        );
        assert_eq!(said(&with_function(wide.clone(), 0.9, 0.5)), [""; 0]);
        wide.nodes[0].cpu_us = Some(79 * S);
        assert_eq!(said(&with_function(wide, 0.9, 0.97)), [""; 0]);
    }

    #[test]
    fn a_large_result_is_found() {
        let tasks = (0..4).map(|place| TaskRecord { bytes: Some(1 << 30), ..task(place, 0, S) });
        let large = record(4 * S, workers(4, 1), tasks.collect());
        assert_eq!(
            said(&large),
            [
                "3.00 s of 4.00 s went to bringing 4.0 GiB to the driver; aggregate or select before, or write \
              files on the workers: up to 4.0 times as fast"
            ]
        );
        let small = ProfileRecord { delivered_us: Some(S), wall_us: S, ..large };
        assert_eq!(said(&small), [""; 0]);
    }

    #[test]
    fn texts_of_users_stay_on_their_line() {
        let mut one = record(10 * S, workers(16, 1), vec![task(0, 0, 10 * S)]);
        one.tasks[0].name = "Scan\n\u{1b}[2J".to_owned();
        one.unsplit = Some("\r".to_owned());
        assert!(said(&one)[0].starts_with("'Scan\\n\\u{1b}[2J' is 1 task"), "{:?}", said(&one));
        assert!(!said(&one)[0].chars().any(char::is_control));
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        assert_eq!(said(&ProfileRecord::default()), [""; 0]);
        assert_eq!(said(&record(0, workers(2, 2), vec![task(0, 0, 0), task(9, 5, 2)])), [""; 0]);
    }
}
