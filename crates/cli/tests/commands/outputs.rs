use std::ffi::OsString;

use expect_test::ExpectFile;
use protoplast_cli::{Outcome, Output, Surroundings, parse, run};

pub fn outcome(arguments: &[&str], surroundings: &Surroundings) -> Outcome {
    match parse(arguments.iter().map(OsString::from)) {
        Ok(command) => run(command, surroundings),
        Err(output) => Outcome::Done(output),
    }
}

pub fn output(arguments: &[&str], surroundings: &Surroundings) -> Output {
    match outcome(arguments, surroundings) {
        Outcome::Done(output) => output,
        Outcome::NeedsCluster(command) => panic!("{command:?}"),
    }
}

/// The output of a successful command, on lines of at most 80 columns.
pub fn printed(arguments: &str) -> String {
    let arguments: Vec<_> = arguments.split_whitespace().collect();
    let inventory = include_bytes!("../inventories/mixed.json");
    let given = Surroundings { stdin: inventory.to_vec(), ..Surroundings::default() };
    let Output { stdout, stderr, status } = output(&arguments, &given);
    assert_eq!((status, stderr.as_str()), (0, ""), "{arguments:?}");
    stdout
}

pub fn golden(arguments: &str, expected: &ExpectFile) {
    let text = printed(arguments);
    let long: Vec<_> = text.lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(long, [""; 0], "{arguments}");
    expected.assert_eq(&text);
}
