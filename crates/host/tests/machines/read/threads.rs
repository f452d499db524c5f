use protoplast_host::{CpuSet, Error, has_thread_named};

use crate::recorded::Recorded;

fn machine() -> Recorded {
    let machine = Recorded::tree("processes").with("/proc/self/task/2/comm", "DAFTCPU-0\n");
    let cpus: CpuSet = "0".parse().unwrap();
    machine.threads.borrow_mut().extend([(2, cpus.clone()), (3, cpus)]);
    machine
}

#[test]
fn a_thread_is_found_by_the_beginning_of_its_name() {
    assert_eq!(has_thread_named(&machine(), "DAFTCPU-"), Ok(true));
    assert_eq!(has_thread_named(&machine(), "DAFTIO-"), Ok(false));
    // This thread is listed, but has ended when its name is read.
    let ended = machine().without("/proc/self/task/2/comm");
    assert_eq!(has_thread_named(&ended, "DAFTCPU-"), Ok(false));
}

#[test]
fn threads_that_cannot_be_listed_are_an_error() {
    let mut machine = machine();
    machine.denied.insert("/proc/self/task".to_owned());
    assert!(matches!(has_thread_named(&machine, "DAFTCPU-"), Err(Error::Unreadable { .. })));
}
