use protoplast_host::{Error, files_being_written};

use crate::recorded::Recorded;

/// A process with these open files: their flags and what `/proc/self/fd` shows of each.
fn machine(files: &[(&str, &str)]) -> Recorded {
    let mut machine = Recorded::tree("processes");
    for (number, (flags, path)) in files.iter().enumerate() {
        let facts = format!("pos:\t0\nflags:\t{flags}\nmnt_id:\t29\n");
        machine = machine
            .with(&format!("/proc/self/fdinfo/{number}"), &facts)
            .with(&format!("/proc/self/fd/{number}"), path);
    }
    machine
}

#[test]
fn files_open_to_be_written_are_found() {
    let machine = machine(&[
        ("0100000", "/read.parquet"),
        ("01", "pipe:[1]"),
        ("01", "/dev/null"),
        ("02100001", "/written.parquet"),
        ("0100002", "/both.csv"),
        ("0102001", "/tmp/ray/worker.log"),
        ("0100002", "/dev/null"),
        ("02004002", "socket:[1]"),
        ("01", "pipe:[2]"),
        ("0100002", "/tmp/spilled (deleted)"),
        ("many", "/odd"),
    ]);
    let written = vec!["/both.csv".to_owned(), "/written.parquet".to_owned()];
    assert_eq!(files_being_written(&machine), Ok(written));
}

#[test]
fn logs_in_the_folder_of_the_output_are_left_out() {
    let machine = machine(&[
        ("0100000", "/dev/null"),
        ("0100001", "/tmp/ray/logs/worker.out"),
        ("0100001", "/tmp/ray/logs/worker.err"),
        ("0100001", "/tmp/ray/logs/raylet.out"),
        ("0100001", "/tmp/ray/a.parquet"),
    ]);
    assert_eq!(files_being_written(&machine), Ok(vec!["/tmp/ray/a.parquet".to_owned()]));
}

#[test]
fn a_file_that_is_closed_meanwhile_is_skipped() {
    let files = [("0100001", "/a"), ("01", "pipe:[1]"), ("01", "pipe:[1]"), ("0100001", "/b")];
    let machine = machine(&files).without("/proc/self/fdinfo/0");
    assert_eq!(files_being_written(&machine), Ok(vec!["/b".to_owned()]));
}

#[test]
fn files_that_cannot_be_listed_are_an_error() {
    let mut machine = machine(&[]);
    machine.denied.insert("/proc/self/fd".to_owned());
    assert!(matches!(files_being_written(&machine), Err(Error::Unreadable { .. })));
}
