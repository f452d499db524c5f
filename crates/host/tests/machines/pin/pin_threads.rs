use protoplast_host::{CpuSet, Error, pin};
use rustix::io::Errno;

use crate::pin::{affinities, all, cpus, process};
use crate::recorded::CALLER;

#[test]
fn all_threads_are_pinned() {
    let machine = process();
    assert_eq!(pin(&machine, &cpus("2-3")), Ok(()));
    assert!(all(&machine, "2-3") && machine.threads.borrow().len() == 3);
}

#[test]
fn threads_that_start_meanwhile_are_pinned_too() {
    let machine = process();
    machine.starting.borrow_mut().extend([(103, cpus("0-15")), (104, cpus("0-15"))]);
    assert_eq!(pin(&machine, &cpus("2-3")), Ok(()));
    assert!(all(&machine, "2-3") && machine.threads.borrow().len() == 5);
}

#[test]
fn threads_that_end_meanwhile_are_skipped() {
    let mut machine = process();
    machine.ending.extend([50, 200]);
    // This thread ends after its affinity was read.
    machine.refusal = |thread, _| (thread == 102).then_some(Errno::SRCH);
    assert_eq!(pin(&machine, &cpus("2-3")), Ok(()));
}

#[test]
fn a_thread_that_is_refused_undoes_all() {
    for errno in [Errno::PERM, Errno::INVAL] {
        let mut machine = process();
        let before = affinities(&machine);
        machine.refusal = match errno {
            Errno::PERM => |thread, _| (thread == 102).then_some(Errno::PERM),
            _ => |thread, _| (thread == 102).then_some(Errno::INVAL),
        };
        let error = pin(&machine, &cpus("2-3")).unwrap_err();
        assert!(matches!(error, Error::NotPinned { thread: 102, .. }), "{error:?}");
        assert!(
            error.to_string().contains("thread 102") && error.to_string().contains("'2-3'"),
            "{error}"
        );
        assert_eq!(affinities(&machine), before);
    }
}

#[test]
fn threads_started_by_pinned_ones_are_put_back_with_them() {
    let mut machine = process();
    // Thread 103 starts while threads are noted and is refused in the first walk; thread 104 has the CPUs of a
    // pinned one.
    machine.starting.borrow_mut().extend([
        (103, cpus("0-15")),
        (104, cpus("2-3")),
        (105, cpus("9")),
    ]);
    machine.refusal = |thread, _| (thread == 103).then_some(Errno::PERM);
    assert!(matches!(pin(&machine, &cpus("2-3")), Err(Error::NotPinned { thread: 103, .. })));
    let expected =
        [(CALLER, "0-15"), (101, "0-15"), (102, "4"), (103, "0-15"), (104, "0-15"), (105, "9")];
    assert_eq!(
        affinities(&machine),
        expected.map(|(thread, list)| (thread, list.to_owned())).into()
    );
}

#[test]
fn a_thread_that_was_on_the_cpus_before_stays() {
    let mut machine = process();
    machine.refusal = |thread, _| (thread == 101).then_some(Errno::PERM);
    let before = affinities(&machine);
    assert!(pin(&machine, &cpus("4")).is_err());
    assert_eq!(affinities(&machine), before);
}

#[test]
fn cpus_that_the_kernel_leaves_out_are_an_error() {
    let mut machine = process();
    machine.cpuset = cpus("0-7");
    machine.threads.borrow_mut().values_mut().for_each(|affinity| *affinity = cpus("0-7"));
    let error = pin(&machine, &cpus("6-9")).unwrap_err().to_string();
    assert!(error.contains("'6-9'") && error.contains("'6-7' instead"), "{error}");
    assert!(all(&machine, "0-7"));
    assert!(matches!(pin(&machine, &cpus("8-9")), Err(Error::NotPinned { .. })));
    assert_eq!(pin(&machine, &CpuSet::new()), Err(Error::EmptySet));
    assert!(all(&machine, "0-7"));
}

#[test]
fn threads_that_cannot_be_listed_are_an_error() {
    let mut machine = process();
    machine.denied.insert("/proc/self/task".to_owned());
    assert!(matches!(pin(&machine, &cpus("2-3")), Err(Error::Unreadable { .. })));
}

#[test]
fn threads_without_end_are_an_error() {
    let machine = process();
    machine.starting.borrow_mut().extend((200..300).map(|thread| (thread, cpus("0-15"))));
    let error = pin(&machine, &cpus("2-3")).unwrap_err();
    assert!(matches!(error, Error::Unsettled { walks: 32, .. }), "{error:?}");
    let threads = machine.threads.borrow();
    assert!(threads.iter().all(|(thread, cpus)| (*thread == 102) == (cpus.to_string() == "4")));
}

#[test]
fn a_failed_restore_is_an_error() {
    let mut machine = process();
    machine.refusal = |thread, cpus| match (thread, cpus.len()) {
        (101, 16) | (102, 2) => Some(Errno::PERM),
        _ => None,
    };
    let error = pin(&machine, &cpus("2-3")).unwrap_err();
    let Error::NotRestored { thread: 101, cause, .. } = &error else { panic!("{error:?}") };
    assert!(matches!(**cause, Error::NotPinned { thread: 102, .. }));
    assert!(
        error.to_string().contains("'0-15'") && error.to_string().contains("restart the process"),
        "{error}"
    );
    // The other threads are put back all the same.
    let after = affinities(&machine);
    assert_eq!(
        (after[&CALLER].as_str(), after[&101].as_str(), after[&102].as_str()),
        ("0-15", "2-3", "4")
    );
}
