use protoplast_host::{Error, allowed_cpus};

use crate::recorded::Recorded;

#[test]
fn the_allowed_cpus_are_those_of_the_affinity_that_are_online() {
    let allowed = allowed_cpus(&Recorded::tree("two-nodes-cpuset")).unwrap();
    assert_eq!(allowed.to_string(), "1-3,9-12");
    assert_eq!(allowed_cpus(&Recorded::tree("two-nodes")).unwrap().to_string(), "0-15");

    let status = "Cpus_allowed_list:\t3-6\n";
    let machine = |online| {
        let machine = Recorded::new(&format!("/proc/self/status\n  {status}"));
        machine.with("/sys/devices/system/cpu/online", online)
    };
    assert_eq!(allowed_cpus(&machine("0-4\n")).unwrap().to_string(), "3-4");
    let error = allowed_cpus(&machine("0-1\n")).unwrap_err();
    assert!(matches!(error, Error::NoAllowedCpus { .. }));
    assert!(error.to_string().contains("'3-6', but '0-1' are online"), "{error}");
}
