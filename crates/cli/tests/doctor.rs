//! The verdicts of the doctor, from facts. `UPDATE_EXPECT=1` writes the files anew.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::ffi::OsString;

use expect_test::{ExpectFile, expect_file};
use protoplast_cli::{LAYOUT_VARIABLE, Outcome, Output, Surroundings, parse, run};
use serde_json::{Value, json};

const GIB: u64 = 1 << 30;

fn verdict(here: &Value, cluster: &Value, layout: &str) -> Output {
    let facts = json!({"found": {"here": here, "cluster": cluster}});
    let given = Surroundings {
        environment: [(LAYOUT_VARIABLE.into(), layout.into())].into(),
        ..Surroundings::default()
    };
    let command = parse([OsString::from("doctor")]).expect("valid arguments");
    match run(command, &given) {
        Outcome::NeedsCluster(command) => command.answer(&facts.to_string()),
        Outcome::Done(output) => panic!("{output:?}"),
    }
}

fn golden(here: &Value, cluster: &Value, status: u8, expected: &ExpectFile) {
    let output = verdict(here, cluster, "per-core");
    assert_eq!((output.status, output.stderr.as_str()), (status, ""));
    expected.assert_eq(&output.stdout);
}

fn installed() -> Value {
    json!({"python": "3.11.7", "protoplast": "0.1.0", "daft": "0.7.26", "ray": "2.59.0"})
}

fn machine() -> Value {
    json!({"cpus": 8, "quota_cpus": null, "memory_bytes": 32 * GIB, "limit_bytes": null})
}

fn here() -> Value {
    json!({
        "installed": installed(), "newest_tested": "0.7.26", "unsupported": null,
        "token": {"mode": null, "is_known": true, "is_there": false}, "machine": machine(),
    })
}

fn node(id: &str) -> Value {
    json!({
        "node": {"NodeID": id, "Alive": true, "NodeManagerAddress": format!("10.0.0.{}", id.len()),
                 "Resources": {"CPU": 8.0, "memory": 16 * GIB}},
        "told": {"installed": installed(), "machine": machine()},
        "said": "",
    })
}

fn nodes(all: &[Value]) -> Value {
    json!({"found": all})
}

#[test]
fn an_environment_in_which_all_is_well() {
    let mut limited = here();
    limited["machine"]["quota_cpus"] = json!(1.5);
    limited["machine"]["limit_bytes"] = json!(4 * GIB);
    golden(&limited, &Value::Null, 0, &expect_file!["golden/doctor-here.txt"]);
    let bare = verdict(&here(), &Value::Null, "per-core").stdout;
    assert!(bare.contains("here: 8 CPUs, 32.0 GiB; no limit of a container is seen"), "{bare}");
}

#[test]
fn a_cluster_in_which_all_is_well() {
    let mut head = node("head-node-of-the-cluster");
    head["node"]["Resources"] = json!({"memory": 16 * GIB});
    let all = nodes(&[head, node("worker-1"), node("worker-22")]);
    golden(&here(), &all, 0, &expect_file!["golden/doctor-cluster.txt"]);
}

#[test]
fn a_cluster_with_problems() {
    let mut wide = node("wide");
    wide["told"]["machine"]["quota_cpus"] = json!(1.5);
    wide["told"]["machine"]["limit_bytes"] = json!(2 * GIB);
    let mut bare = node("bare-");
    bare["told"]["installed"]["protoplast"] = Value::Null;
    let mut other = node("other-");
    other["told"]["installed"] =
        json!({"python": "3.12.1", "protoplast": "0.0.9", "daft": "0.7.1", "ray": "2.47.1"});
    let mut small = node("small--");
    small["node"]["Resources"]["memory"] = json!(100_000_000);
    let mut silent = node("silent--");
    silent["told"] = Value::Null;
    silent["said"] = json!("it did not answer within 30 s");
    let all = nodes(&[wide, bare, other, small, silent]);
    golden(&here(), &all, 1, &expect_file!["golden/doctor-problems.txt"]);
}

#[test]
fn what_could_not_be_checked_is_no_problem_and_not_fine() {
    let mut silent = node("silent");
    silent["told"] = Value::Null;
    let output = verdict(&here(), &nodes(&[node("a"), silent]), "per-core");
    assert_eq!(output.status, 2, "{output:?}");
    assert!(output.stdout.ends_with("0 problems, 1 not checked\n"), "{output:?}");
    assert_eq!(verdict(&here(), &nodes(&[]), "per-core").status, 2);
    for (cause, status) in [
        ("no_ray", 1),
        ("token", 1),
        ("versions", 1),
        ("no_cluster", 2),
        ("nothing_there", 2),
        ("refused", 2),
        ("silent", 2),
        ("ended", 2),
        ("untold", 2),
    ] {
        let gone = json!({"unreachable": {"cause": cause, "address": "a", "said": "b"}});
        let output = verdict(&here(), &gone, "per-core");
        assert_eq!((output.status, output.stderr.as_str()), (status, ""), "{cause}");
        assert!(output.stdout.contains("           -> "), "{output:?}");
    }
}

#[test]
fn what_daft_lacks_is_a_problem() {
    let mut old = here();
    old["unsupported"] = json!("Daft 0.5.0 is too old; protoplast supports 0.5.22; upgrade it");
    let output = verdict(&old, &Value::Null, "per-core");
    assert_eq!(output.status, 1);
    let expected = "problem    here: Daft 0.5.0 is too old; protoplast supports 0.5.22\n           \
                    -> upgrade it\n";
    assert!(output.stdout.contains(expected), "{output:?}");
}

#[test]
fn the_token_is_as_the_mode_says() {
    for (token, status, expected) in [
        (json!({"mode": "token", "is_known": true, "is_there": true}), 0, "Ray sends a token"),
        (json!({"mode": "token", "is_known": true, "is_there": false}), 1, "there is no token"),
        (json!({"mode": "TOKEN", "is_known": false, "is_there": false}), 1, "knows no tokens"),
        (
            json!({"mode": "disabled", "is_known": true, "is_there": true}),
            0,
            "sends no token, since",
        ),
        (json!({"mode": null, "is_known": true, "is_there": true}), 0, "Ray finds a token"),
        (json!({"mode": null, "is_known": false, "is_there": false}), 0, "Ray sends no token;"),
    ] {
        let mut here = here();
        here["token"] = token;
        let output = verdict(&here, &Value::Null, "per-core");
        assert_eq!(output.status, status, "{output:?}");
        assert!(output.stdout.contains(expected), "{output:?}");
    }
}

#[test]
fn a_layout_that_a_node_cannot_have_is_a_problem() {
    let output = verdict(&here(), &nodes(&[node("a")]), "per-numa");
    assert_eq!(output.status, 1);
    assert!(output.stdout.contains("has not told its NUMA nodes"), "{output:?}");
}

#[test]
fn what_is_wrong_with_many_nodes_is_said_once() {
    let bare = |length| {
        let mut node = node(&"n".repeat(length));
        node["told"]["installed"]["protoplast"] = Value::Null;
        node
    };
    let many: Vec<_> = (1..9).map(bare).collect();
    let output = verdict(&here(), &nodes(&many), "per-core");
    assert_eq!(output.status, 1);
    assert!(output.stdout.contains("8 nodes ("), "{output:?}");
    assert!(output.stdout.contains(", ...): protoplast cannot be imported"), "{output:?}");
}
