use std::collections::HashMap;

use protoplast_cli::{ClusterCommand, LAYOUT_VARIABLE, Outcome, Output, Surroundings};

use crate::outputs::{outcome, output};

#[test]
fn the_layout_comes_from_the_options_then_from_the_environment() {
    let with = |layout: &str| Surroundings {
        environment: HashMap::from([(LAYOUT_VARIABLE.into(), layout.into())]),
        ..Surroundings::default()
    };
    let plan = ["plan", "--cpus", "4", "--memory", "8GiB"];
    let first_line = |output: Output| output.stdout.lines().next().map(str::to_owned);
    let from_variable = first_line(output(&plan, &with("cpus-per-worker=2")));
    assert_eq!(from_variable.as_deref(), Some("layout cpus-per-worker=2"));
    let given = [&plan[..], &["--layout", "per-node"]].concat();
    let from_option = first_line(output(&given, &with("nonsense")));
    assert_eq!(from_option.as_deref(), Some("layout per-node"));
    let wrong = output(&plan, &with("nonsense"));
    assert!(wrong.stderr.starts_with("protoplast: PROTOPLAST_LAYOUT: unknown layout 'nonsense'"));
    // The error comes before any cluster is asked.
    assert_eq!(output(&["doctor"], &with("nonsense")), wrong);
    assert_eq!(output(&["plan", "--address", "auto"], &with("nonsense")), wrong);
}

#[test]
fn a_command_that_needs_a_cluster_is_returned() {
    let given = Surroundings::default();
    let needed = |arguments: &[&str]| match outcome(arguments, &given) {
        Outcome::NeedsCluster(command) => command,
        Outcome::Done(output) => panic!("{output:?}"),
    };
    assert!(matches!(needed(&["plan", "--address", "auto"]), ClusterCommand::Plan(..)));
    assert!(
        matches!(needed(&["status", "--watch"]), ClusterCommand::Status(status) if status.watch)
    );
    assert!(matches!(needed(&["doctor"]), ClusterCommand::Doctor(..)));
}
