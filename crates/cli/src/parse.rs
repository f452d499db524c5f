use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::command::{Command, Options};
use crate::names::NAME;
use crate::output::Output;

/// Reads the arguments after the name of the program.
///
/// # Errors
///
/// What to print instead: the requested help or version, or one line that says what is wrong with the
/// arguments.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, Output> {
    let all: Vec<OsString> = std::iter::once(NAME.into()).chain(arguments).collect();
    match Options::try_parse_from(&all) {
        Ok(options) => Ok(options.command),
        Err(error) => Err(match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Output::of(error.to_string()),
            _ => {
                let message = one_line(&error.to_string());
                Output::failed(&format!("{message}; see '{} --help'", subject(&all)))
            }
        }),
    }
}

/// The program, with the subcommand if the first argument is one.
fn subject(all: &[OsString]) -> String {
    let options = Options::command();
    let given = all.get(1).and_then(|first| options.find_subcommand(first));
    given.map_or_else(|| NAME.to_owned(), |given| format!("{NAME} {}", given.get_name()))
}

/// Joins the lines that say what is wrong with those that suggest a correction.
fn one_line(message: &str) -> String {
    let lines = message.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let mut text = String::new();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with(MORE)) {
        let part = line.trim_start_matches("error: ").trim_start_matches("tip: ");
        let joint = match text.chars().last() {
            None => "",
            Some(':') => " ",
            Some(_) => "; ",
        };
        text = text + joint + part;
    }
    text
}

/// The beginning of clap's last line, which names the help.
const MORE: &str = "For more information";

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(arguments: &str) -> String {
        let output = parse(arguments.split_whitespace().map(OsString::from)).expect_err(arguments);
        assert_eq!((output.status, output.stdout.as_str()), (2, ""), "{output:?}");
        output.stderr
    }

    #[test]
    fn an_error_is_one_line() {
        for (arguments, expected) in [
            (
                "",
                "'protoplast' requires a subcommand but one was not provided; [subcommands: plan, status, doctor, generate]",
            ),
            ("plot", "unrecognized subcommand 'plot'"),
            (
                "plan --cpu 4",
                "unexpected argument '--cpu' found; a similar argument exists: '--cpus'",
            ),
            (
                "plan --cpus 4",
                "the following required arguments were not provided: --memory <SIZE>",
            ),
            (
                "plan --cpus 0 --memory 1",
                "invalid value '0' for '--cpus <N>': 0 is not in 1..=65536",
            ),
            (
                "plan --cpus 1 --memory much",
                "invalid value 'much' for '--memory <SIZE>': 'much' is not an amount of memory; write for example '32GiB' or '64GB'",
            ),
            (
                "plan --inventory a --nodes 4",
                "the argument '--inventory <FILE>' cannot be used with '--nodes <N>'",
            ),
            (
                "plan --inventory a --address b",
                "the argument '--inventory <FILE>' cannot be used with '--address <ADDRESS>'",
            ),
            (
                "plan --inventory a --layout x",
                "invalid value 'x' for '--layout <TEXT>': unknown layout 'x'; write one of",
            ),
            (
                "plan --inventory a --format png",
                "invalid value 'png' for '--format <FORMAT>'; [possible values: table, json, svg]",
            ),
            ("status --format svg", "invalid value 'svg'"),
            ("plan --nodes=a\u{7f}b", "invalid value 'ab' for '--nodes <N>'"),
        ] {
            let line = refused(arguments);
            assert!(line.starts_with(&format!("protoplast: {expected}")), "{line}");
            assert!(line.ends_with(" --help'\n"), "{line}");
            assert_eq!(line.lines().count(), 1, "{line}");
        }
    }

    #[test]
    fn an_error_names_the_help_of_the_subcommand() {
        assert!(refused("plan --cpus").ends_with("; see 'protoplast plan --help'\n"));
        assert!(refused("plot").ends_with("; see 'protoplast --help'\n"));
    }

    #[test]
    fn options_are_typed() {
        let read = |text: &str| parse(text.split_whitespace().map(OsString::from));
        let Ok(Command::Plan(plan)) = read("plan --nodes 4 --cpus 8 --gpus 2 --memory 32GiB")
        else {
            panic!("a plan")
        };
        assert_eq!((plan.nodes, plan.cpus, plan.gpus), (4, Some(8), 2));
        assert_eq!((plan.memory, plan.layout), (Some(32 << 30), None));
        let Ok(Command::Status(status)) = read("status --address auto --watch --format json")
        else {
            panic!("a status")
        };
        assert!(status.watch && status.address.as_deref() == Some("auto"));
        assert!(matches!(read("doctor"), Ok(Command::Doctor(doctor)) if doctor.address.is_none()));
    }
}
