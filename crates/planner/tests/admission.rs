//! Which worker runs a task whose rows go through class UDFs, and when.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

use protoplast_planner::{Admission, Footprint};

const GB: u64 = 1_000_000_000;
const HEAVY: Footprint = Footprint { bytes: GB, peak_bytes: GB, seconds: Some(2.0) };

/// A node with so many workers of one slot and 10 GB of memory, and a task for each worker, sent at 0 s.
fn node(workers: u64) -> Admission {
    let mut admission = Admission::default();
    for index in 0..workers {
        let worker = format!("w{index}");
        admission.add_worker(&worker, "n", 1, 1);
        admission.set_memory(&worker, 10 * GB, 10 * GB);
        admission.submit(index, index, &worker, vec!["model".to_owned()], 0.0);
    }
    admission
}

fn at(admission: &mut Admission, now: f64) -> Vec<u64> {
    admission.admit(now).into_iter().map(|(id, _)| id).collect()
}

fn build(admission: &mut Admission, worker: &str, available: u64) {
    admission.building(worker, "model");
    admission.set_memory(worker, available, 10 * GB);
    admission.built(worker, "model", HEAVY, 2.0);
}

#[test]
fn the_first_worker_of_a_node_builds_alone() {
    let mut admission = node(4);
    assert_eq!(at(&mut admission, 0.0), [0]);
    assert_eq!(at(&mut admission, 0.5), [0; 0]);
    admission.building("w0", "model");
    assert_eq!(at(&mut admission, 60.0), [0; 0], "however long it builds");
    admission.add_worker("x0", "m", 1, 1);
    admission.submit(9, 9, "x0", vec!["model".to_owned()], 60.0);
    assert_eq!(at(&mut admission, 60.0), [9], "the first worker of another node");
}

#[test]
fn tasks_of_a_small_query_go_to_the_worker_that_has_the_instance() {
    let mut admission = node(4);
    at(&mut admission, 0.0);
    build(&mut admission, "w0", 9 * GB);
    let mut now = 2.0;
    for task in 0..3 {
        assert_eq!(at(&mut admission, now), [0; 0], "w0 is busy, and building takes longer");
        now += 0.2;
        admission.ended(task, now);
        assert_eq!(admission.admit(now), [(task + 1, "w0".to_owned())]);
    }
    let copies = admission.copies("model");
    assert_eq!((copies.workers, copies.of, copies.is_limited), (1, 4, false));
}

#[test]
fn the_next_short_task_is_sent_before_the_one_before_it_has_ended() {
    let mut admission = node(4);
    at(&mut admission, 0.0);
    build(&mut admission, "w0", 9 * GB);
    admission.ended(0, 2.0);
    assert_eq!(at(&mut admission, 2.0), [1], "how long a task takes is not known yet");
    admission.ended(1, 2.05);
    assert_eq!(at(&mut admission, 2.05), [2, 3]);
}

#[test]
fn a_task_that_was_sent_ahead_counts_from_when_its_slot_is_free() {
    let mut admission = node(4);
    at(&mut admission, 0.0);
    build(&mut admission, "w0", 9 * GB);
    admission.ended(0, 2.0);
    at(&mut admission, 2.0);
    admission.ended(1, 2.05);
    at(&mut admission, 2.05);
    admission.ended(2, 2.1);
    admission.ended(3, 2.15);
    let seconds = admission.task_seconds("model").expect("three tasks have ended");
    assert!((seconds - 0.05).abs() < 1e-9, "{seconds}");
}

#[test]
fn tasks_that_take_long_get_further_instances() {
    let mut admission = node(4);
    at(&mut admission, 0.0);
    build(&mut admission, "w0", 9 * GB);
    admission.ended(0, 3.0);
    assert_eq!(at(&mut admission, 3.0), [1]);
    assert_eq!(at(&mut admission, 3.9), [0; 0], "two tasks of 0.9 s, which have waited 1.9 s");
    assert_eq!(at(&mut admission, 4.1), [2, 3], "they have waited for longer than building takes");
}

#[test]
fn many_waiting_tasks_get_instances_before_they_have_waited() {
    let mut admission = node(64);
    at(&mut admission, 0.0);
    admission.set_memory("w0", 1 << 50, 1 << 50);
    build(&mut admission, "w0", 9 * GB);
    admission.set_memory("w0", 1 << 50, 1 << 50);
    admission.ended(0, 2.1);
    assert_eq!(at(&mut admission, 2.1), [1]);
    admission.ended(1, 2.3);
    // 62 tasks of 0.2 s wait; with 6 workers they take 2 s.
    assert_eq!(at(&mut admission, 2.3).len(), 1 + 5);
}

#[test]
fn the_first_task_does_not_wait_for_a_build_if_a_worker_is_ready() {
    let mut admission = Admission::default();
    // Daft sends the tasks of one moment in any order.
    for (id, position, worker) in [(0, 1, "w1"), (1, 0, "w0"), (2, 2, "w2")] {
        admission.add_worker(worker, "n", 1, 3);
        admission.set_memory(worker, 10 * GB, 10 * GB);
        admission.submit(id, position, worker, vec!["model".to_owned()], 0.0);
    }
    admission.expect_tasks("model", 90);
    assert_eq!(at(&mut admission, 0.0), [0]);
    build(&mut admission, "w1", 9 * GB);
    assert_eq!(
        admission.admit(8.1),
        [(2, "w2".to_owned())],
        "it has waited for long, and w2 builds"
    );
    admission.ended(0, 8.4);
    assert_eq!(admission.admit(8.4), [(1, "w1".to_owned())]);
    admission.submit(3, 3, "w1", vec!["model".to_owned()], 8.4);
    admission.submit(4, 4, "w0", vec!["model".to_owned()], 8.5);
    assert_eq!(admission.admit(8.5), [(4, "w0".to_owned())], "w0 builds with a later task");
}

#[test]
fn no_more_workers_build_than_have_room() {
    let mut admission = node(64);
    at(&mut admission, 0.0);
    build(&mut admission, "w0", 5 * GB);
    assert_eq!(at(&mut admission, 9.0).len(), 4, "1 GB of 10 stays free");
    assert_eq!(at(&mut admission, 99.0), [0; 0], "they are being built");
    for (index, worker) in ["w1", "w2", "w3", "w4"].into_iter().enumerate() {
        build(&mut admission, worker, (4 - index as u64) * GB);
    }
    assert_eq!(at(&mut admission, 999.0), [0; 0]);
    let copies = admission.copies("model");
    assert_eq!((copies.workers, copies.of, copies.is_limited), (5, 64, true));
    admission.ended(3, 999.0);
    assert_eq!(admission.admit(999.0), [(5, "w3".to_owned())]);
}

#[test]
fn one_worker_builds_even_without_room() {
    let mut admission = node(2);
    admission.set_memory("w0", 0, 10 * GB);
    admission.expect("model", HEAVY, None);
    assert_eq!(at(&mut admission, 0.0), [0]);
}

#[test]
fn what_an_earlier_query_saw_spares_the_wait() {
    let mut admission = node(4);
    admission.expect("model", HEAVY, Some(9.0));
    assert_eq!(at(&mut admission, 0.0), [0, 1, 2, 3]);
    let mut short = node(4);
    short.expect("model", HEAVY, Some(0.01));
    assert_eq!(at(&mut short, 0.0), [0]);
    let mut some = node(4);
    some.expect("model", HEAVY, Some(0.1));
    some.expect_tasks("model", 10);
    assert_eq!(at(&mut some, 0.0), [0, 1, 2], "all are ready at the same time");
    build(&mut some, "w0", 9 * GB);
    assert_eq!(at(&mut some, 2.0), [3; 0], "now building would take longer than the work");
    let mut told = node(4);
    told.expect("model", Footprint { seconds: None, ..HEAVY }, None);
    assert_eq!(at(&mut told, 0.0), [0, 1, 2, 3], "memory_bytes of the user");
}

#[test]
fn tasks_whose_rows_reach_the_class_late_are_not_held_back() {
    let mut admission = node(8);
    assert_eq!(at(&mut admission, 0.0), [0]);
    assert_eq!(at(&mut admission, 1.0), [1]);
    assert_eq!(at(&mut admission, 2.0), [2, 3]);
    admission.building("w2", "model");
    assert_eq!(at(&mut admission, 9.0), [0; 0]);
}

#[test]
fn tasks_that_build_nothing_are_not_held_back() {
    let mut admission = node(8);
    at(&mut admission, 0.0);
    admission.ended(0, 0.1);
    assert_eq!(at(&mut admission, 0.1), [1, 2]);
    admission.failed("w1", "model");
    assert_eq!(at(&mut admission, 0.1), [3], "its failure is not remembered");
}

#[test]
fn all_slots_of_a_worker_wait_for_its_instance() {
    let mut admission = Admission::default();
    admission.add_worker("w", "n", 4, 1);
    for id in 0..5 {
        admission.submit(id, id, "w", vec!["model".to_owned()], 0.0);
    }
    assert_eq!(at(&mut admission, 0.0), [0, 1, 2, 3]);
    admission.ended(1, 0.1);
    assert_eq!(at(&mut admission, 0.1), [4], "the instance is still on its way");
}

#[test]
fn a_task_of_two_classes_needs_a_worker_that_has_both() {
    let mut admission = node(2);
    at(&mut admission, 0.0);
    build(&mut admission, "w0", 9 * GB);
    admission.ended(0, 2.0);
    let both = vec!["model".to_owned(), "other".to_owned()];
    admission.cancel(1);
    admission.submit(7, 7, "w0", both.clone(), 2.0);
    admission.submit(8, 8, "w1", both, 2.0);
    assert_eq!(admission.admit(2.0), [(7, "w0".to_owned())]);
    admission.building("w0", "other");
    admission.built("w0", "other", HEAVY, 3.0);
    admission.ended(7, 4.0);
    assert_eq!(admission.admit(4.0), [(8, "w0".to_owned())]);
}

#[test]
fn a_worker_that_is_gone_holds_nothing_up() {
    let mut admission = node(2);
    at(&mut admission, 0.0);
    admission.building("w0", "model");
    admission.remove_worker("w0");
    assert_eq!(at(&mut admission, 0.1), [1]);
    admission.ended(0, 0.1);
    admission.submit(2, 2, "w1", vec!["model".to_owned()], 0.2);
    admission.remove_worker("w1");
    assert_eq!(admission.admit(0.2), [(2, "w1".to_owned())], "Daft notices it");
    assert!(!admission.has_waiting());
}

#[test]
fn tasks_for_a_worker_that_is_gone_go_there_so_that_daft_notices_it() {
    let mut admission = node(2);
    at(&mut admission, 0.0);
    admission.remove_worker("w0");
    admission.submit(5, 5, "w0", vec!["model".to_owned()], 0.1);
    assert!(admission.has_waiting());
    assert!(admission.admit(0.1).contains(&(5, "w0".to_owned())));
}

#[test]
fn tasks_of_a_worker_that_is_gone_take_no_slot_of_the_one_in_its_place() {
    let mut admission = node(1);
    at(&mut admission, 0.0);
    admission.remove_worker("w0");
    admission.add_worker("w0", "n", 1, 1);
    for id in [1, 2] {
        admission.submit(id, id, "w0", vec!["model".to_owned()], 0.1);
    }
    assert_eq!(at(&mut admission, 0.1), [1]);
    admission.ended(0, 0.2);
    assert_eq!(at(&mut admission, 0.2), [0; 0]);
}

#[test]
fn a_forgotten_object_is_built_again() {
    let mut admission = node(2);
    at(&mut admission, 0.0);
    build(&mut admission, "w0", 9 * GB);
    admission.ended(0, 2.0);
    admission.cancel(1);
    admission.forget("model");
    assert_eq!(admission.copies("model").footprint, None);
    admission.submit(5, 5, "w1", vec!["model".to_owned()], 3.0);
    assert_eq!(at(&mut admission, 3.0), [5]);
    assert_eq!(admission.copies("model").workers, 0);
}

#[test]
fn how_many_tasks_are_left_decides_if_it_is_known() {
    let sent = |tasks: u64| {
        let mut admission = node(4);
        admission.expect_tasks("model", tasks);
        at(&mut admission, 0.0);
        build(&mut admission, "w0", 9 * GB);
        admission.ended(0, 2.0);
        at(&mut admission, 2.0);
        admission.ended(1, 2.2);
        at(&mut admission, 2.2).len()
    };
    assert_eq!(sent(10), 1, "one worker does 8 tasks of 0.2 s before another one is ready");
    assert_eq!(sent(40), 2, "w0, which has it, and one that builds it");
}
