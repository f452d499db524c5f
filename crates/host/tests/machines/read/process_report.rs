use protoplast_host::{Error, ProcessReport};

use crate::recorded::Recorded;

const KIB: u64 = 1024;

fn own() -> ProcessReport {
    ProcessReport {
        pid: 4711,
        rss_bytes: 1772 * KIB,
        pss_bytes: Some(262 * KIB),
        threads: 7,
        cpus_allowed: "0-3".parse().unwrap(),
    }
}

#[test]
fn this_process_is_read() {
    assert_eq!(ProcessReport::read(&Recorded::tree("processes")), Ok(own()));
}

#[test]
fn without_smaps_rollup_there_is_no_pss() {
    let mut machine = Recorded::tree("processes");
    machine.denied.insert("/proc/self/smaps_rollup".to_owned());
    let report = ProcessReport { rss_bytes: 1500 * KIB, pss_bytes: None, ..own() };
    assert_eq!(ProcessReport::read(&machine), Ok(report));
    let status = "Pid: 4711\nThreads: 7\nCpus_allowed_list: 0-3\n";
    let report = ProcessReport { rss_bytes: 0, pss_bytes: None, ..own() };
    assert_eq!(ProcessReport::read(&machine.with("/proc/self/status", status)), Ok(report));
}

#[test]
fn a_status_that_cannot_be_read_is_an_error() {
    let machine = Recorded::tree("processes").without("/proc/self/status");
    assert!(matches!(ProcessReport::read(&machine), Err(Error::Unreadable { .. })));
}

#[test]
fn an_undocumented_content_is_an_error() {
    for content in ["Pid: x", "Pid: 1", "Pid: 1\nThreads: 1\nCpus_allowed_list: 3-1"] {
        let path = "/proc/self/status";
        let machine = Recorded::tree("processes").with(path, content);
        let error = ProcessReport::read(&machine).unwrap_err().to_string();
        assert!(error.contains(path), "{error}");
    }
}
