use protoplast_host::{Error, threads_allowed};

use crate::recorded::Recorded;

#[test]
fn threads_are_those_of_the_machine_or_less() {
    let machine = |name| Recorded::tree(name).with("/proc/sys/kernel/threads-max", "60000\n");
    assert_eq!(threads_allowed(&machine("one-node")), Ok(60_000));
    assert_eq!(threads_allowed(&machine("cgroup-v2-nested")), Ok(500));
    assert_eq!(threads_allowed(&machine("cgroup-v1-nested")), Ok(700));
    let odd = machine("one-node").with("/proc/sys/kernel/threads-max", "many\n");
    assert!(matches!(threads_allowed(&odd), Err(Error::Malformed { .. })));
}
