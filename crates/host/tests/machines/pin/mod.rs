mod pin_threads;
mod pin_worker;

use std::collections::BTreeMap;

use protoplast_host::CpuSet;

use crate::recorded::Recorded;

fn cpus(list: &str) -> CpuSet {
    list.parse().expect(list)
}

/// The process of `two-nodes` with threads 101 and 102 in addition to the calling one.
fn process() -> Recorded {
    let machine = Recorded::tree("two-nodes");
    machine.threads.borrow_mut().extend([(101, cpus("0-15")), (102, cpus("4"))]);
    machine
}

fn affinities(machine: &Recorded) -> BTreeMap<u32, String> {
    machine.threads.borrow().iter().map(|(thread, cpus)| (*thread, cpus.to_string())).collect()
}

fn all(machine: &Recorded, list: &str) -> bool {
    machine.threads.borrow().values().all(|affinity| affinity.to_string() == list)
}
