use protoplast_host::{Error, ProcessReport};

use crate::recorded::Recorded;

const KIB: u64 = 1024;

#[test]
fn this_process_and_others_are_read() {
    let machine = Recorded::tree("processes");
    let own = ProcessReport {
        pid: 4711,
        rss_bytes: 1772 * KIB,
        pss_bytes: Some(262 * KIB),
        threads: 7,
        cpus: "0-3".parse().unwrap(),
        cpu_seconds: 13.0,
    };
    assert_eq!(ProcessReport::read(&machine, None), Ok(own));
}

#[test]
fn without_smaps_rollup_there_is_no_pss() {
    let mut machine = Recorded::tree("processes");
    machine.denied.insert("/proc/300/smaps_rollup".to_owned());
    let other = ProcessReport {
        pid: 300,
        rss_bytes: 2048 * KIB,
        pss_bytes: None,
        threads: 21,
        cpus: "1,3".parse().unwrap(),
        cpu_seconds: 0.5,
    };
    assert_eq!(ProcessReport::read(&machine, Some(300)), Ok(other));
    let ended = ProcessReport::read(&machine, Some(301)).unwrap();
    assert_eq!((ended.rss_bytes, ended.pss_bytes, ended.cpu_seconds), (0, None, 0.07));
}

#[test]
fn a_process_that_is_not_there_is_an_error() {
    let machine = Recorded::tree("processes");
    let error = ProcessReport::read(&machine, Some(302)).unwrap_err();
    assert_eq!(error, Error::NoProcess { pid: 302 });
    assert!(error.to_string().contains("302"));
    let machine = machine.without("/proc/self/stat");
    assert!(matches!(ProcessReport::read(&machine, None), Err(Error::Unreadable { .. })));
}

#[test]
fn what_is_not_as_documented_is_an_error() {
    for (name, content) in [
        ("stat", "4711 (python) S 1"),
        ("status", "Pid: x"),
        ("status", "Pid: 1\nThreads: 1\nCpus_allowed_list: 3-1"),
    ] {
        let path = format!("/proc/self/{name}");
        let machine = Recorded::tree("processes").with(&path, content);
        let error = ProcessReport::read(&machine, None).unwrap_err().to_string();
        assert!(error.contains(&path), "{error}");
    }
}
