use protoplast_host::{Error, MemoryUse, memory_use, reset_peak};

use crate::recorded::Recorded;

const KIB: u64 = 1024;
const CLEAR_REFS: &str = "/proc/self/clear_refs";

fn machine() -> Recorded {
    Recorded::tree("processes").with(CLEAR_REFS, "")
}

#[test]
fn own_memory_is_proportional_and_the_peak_resident() {
    let used = MemoryUse { own_bytes: 262 * KIB, peak_bytes: 1900 * KIB };
    assert_eq!(memory_use(&machine()), Ok(used));
}

#[test]
fn without_smaps_rollup_all_resident_memory_is_own() {
    let mut machine = machine();
    machine.denied.insert("/proc/self/smaps_rollup".to_owned());
    let used = MemoryUse { own_bytes: 1500 * KIB, peak_bytes: 1900 * KIB };
    assert_eq!(memory_use(&machine), Ok(used));
    let machine = machine.with("/proc/self/status", "Pid: 4711\n");
    assert_eq!(memory_use(&machine), Ok(MemoryUse { own_bytes: 0, peak_bytes: 0 }));
    let machine = machine.without("/proc/self/status");
    assert!(matches!(memory_use(&machine), Err(Error::Unreadable { .. })));
}

#[test]
fn the_peak_is_reset_where_the_system_lets_it() {
    let mut machine = machine();
    assert!(reset_peak(&machine));
    assert_eq!(machine.written.take(), [(CLEAR_REFS.to_owned(), "5".to_owned())]);
    machine.denied.insert(CLEAR_REFS.to_owned());
    assert!(!reset_peak(&machine));
    assert!(!reset_peak(&Recorded::tree("processes")));
}
