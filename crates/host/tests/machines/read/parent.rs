use std::os::unix::process::parent_id;

use protoplast_host::{Error, parent_variable};

use crate::recorded::Recorded;

#[test]
fn a_variable_is_read_from_the_parents_environment() {
    let path = format!("/proc/{}/environ", parent_id());
    let machine = Recorded::tree("processes").with(&path, "A=1\0PATH=/bin\0");
    assert_eq!(parent_variable(&machine, "PATH"), Ok(Some("/bin".to_owned())));
    assert_eq!(parent_variable(&machine, "B"), Ok(None));
}

#[test]
fn an_environment_that_cannot_be_read_is_an_error_that_names_it() {
    // A parent of another user cannot be read.
    let error = parent_variable(&Recorded::tree("processes"), "PATH");
    let expected = format!("/proc/{}/environ", parent_id());
    assert!(matches!(error, Err(Error::Unreadable { path, .. }) if path == expected));
}
