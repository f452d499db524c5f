use std::ffi::OsString;

use expect_test::{ExpectFile, expect_file};
use protoplast_cli::{Outcome, Output, Surroundings, parse, run};
use serde_json::{Value, json};

fn answer(arguments: &str, gathered: &Value) -> Output {
    let arguments: Vec<_> = arguments.split_whitespace().map(OsString::from).collect();
    let command = parse(arguments).expect("valid arguments");
    match run(command, &Surroundings::default()) {
        Outcome::NeedsCluster(command) => command.answer(&gathered.to_string()),
        Outcome::Done(output) => panic!("{output:?}"),
    }
}

fn golden(arguments: &str, gathered: &Value, status: u8, expected: &ExpectFile) {
    let output = answer(arguments, gathered);
    assert_eq!((output.status, output.stderr.as_str()), (status, ""));
    expected.assert_eq(&output.stdout);
}

fn found(facts: &Value) -> Value {
    json!({"found": facts})
}

fn unreachable(cause: &str, message: &str) -> Value {
    json!({"unreachable": {"cause": cause, "address": "10.0.0.1:6379", "message": message}})
}

fn worker(id: &str, pid: u32) -> Value {
    json!({
        "worker_id": id, "node_id": "0123456789abcdef", "address": "10.0.0.1", "pid": pid,
        "cpus": 1, "gpus": 0, "memory_bytes": 1u64 << 30, "memory_limit_bytes": 1u64 << 30,
        "rss_bytes": 300_000_000, "pss_bytes": 100_000_000, "threads": 35,
        "cpus_allowed": "0-3", "state": "alive", "differences": [],
    })
}

fn fleets() -> Value {
    let mut other = worker("0123456789abcdef_cpu_1", 12);
    other["differences"] = json!(["OMP_NUM_THREADS is 9, but the plan says 1"]);
    let stock = json!({"node_id": "0123456789abcdef", "pid": 40, "state": "alive",
                       "differences": []});
    let silent = json!({"node_id": "fedcba9876543210", "address": "10.0.0.2", "pid": null,
                        "state": "starting", "differences": []});
    json!({"address": "10.0.0.1:6379", "nodes": 2, "fleets": [
        {"name": "protoplast-runner-02000000-0a1b2c3d-per-core", "job": "02000000",
         "driver_pid": 7, "layout": "per-core", "state": "alive", "reason": "",
         "workers": [worker("0123456789abcdef_cpu_0", 11), other]},
        {"name": "protoplast-runner-02000000-4a1b2c3d-auto", "job": "02000000",
         "driver_pid": 7, "layout": "auto", "state": "alive", "reason": "", "workers": []},
        {"name": "protoplast-runner-03000000-5a1b2c3d-per-gpu", "job": "03000000",
         "driver_pid": null, "layout": "per-gpu", "state": "silent",
         "reason": "GetTimeoutError: \u{1b}[31m", "workers": [silent]},
        {"name": "flotilla-plan-runner-1", "job": "04000000", "driver_pid": 8, "layout": null,
         "state": "stock", "reason": "", "workers": [stock]},
    ]})
}

#[test]
fn the_fleets_of_all_jobs_are_a_table_or_json() {
    let fleets = found(&fleets());
    golden("status", &fleets, 0, &expect_file!["../golden/status.txt"]);
    golden("status --format json", &fleets, 0, &expect_file!["../golden/status.json"]);
}

#[test]
fn a_cluster_without_fleets_says_so() {
    let none = found(&json!({"address": "10.0.0.1:6379", "nodes": 1, "fleets": []}));
    let output = answer("status", &none);
    assert_eq!(output.status, 0);
    assert_eq!(
        output.stdout,
        "cluster 10.0.0.1:6379, 1 node: no fleet of Daft workers runs here\n"
    );
}

#[test]
fn a_plan_of_a_cluster_equals_that_of_its_inventory() {
    let nodes = include_bytes!("../inventories/mixed.json");
    let facts = found(&serde_json::from_slice(nodes).expect("JSON"));
    let given = Surroundings { stdin: nodes.to_vec(), ..Surroundings::default() };
    for format in ["table", "json", "svg"] {
        let arguments = format!("plan --inventory - --format {format}");
        let arguments = arguments.split_whitespace().map(OsString::from);
        let Outcome::Done(expected) = run(parse(arguments).expect("valid"), &given) else {
            panic!("a plan")
        };
        assert_eq!(answer(&format!("plan --address a --format {format}"), &facts), expected);
    }
    let many = vec![json!({"NodeID": "a", "Resources": {"CPU": 65536, "memory": 1e15}}); 20];
    let refused = answer("plan --address a", &found(&json!(many)));
    assert!(refused.stderr.contains("1310720 CPUs together"), "{refused:?}");
}

#[test]
fn an_unreachable_cluster_is_an_error_on_one_line() {
    for (cause, expected) in [
        ("no_ray", "Ray cannot be imported: x\\ny; install it with"),
        ("no_cluster", "no running Ray cluster was found; name one with --address"),
        ("nothing_there", "no Ray cluster answers at '10.0.0.1:6379': x\\ny; pass the address"),
        ("token", "the cluster at '10.0.0.1:6379' and this process differ about its token: x\\ny"),
        (
            "versions",
            "the cluster at '10.0.0.1:6379' cannot be joined: x\\ny; run the command with",
        ),
        ("refused", "the cluster at '10.0.0.1:6379' cannot be joined: x\\ny; run the command on"),
        ("silent", "the cluster at '10.0.0.1:6379' does not answer: x\\ny; check that"),
        ("ended", "Ray ended the connection to the cluster at '10.0.0.1:6379': x\\ny; check that"),
        ("unreported", "x\\ny; check that every node runs"),
    ] {
        for command in ["status", "plan --address a", "doctor"] {
            let Output { stdout, stderr, status } = answer(command, &unreachable(cause, "x\ny"));
            assert_eq!((status, stdout.as_str()), (2, ""));
            assert!(stderr.starts_with(&format!("protoplast: {expected}")), "{stderr}");
            assert_eq!(stderr.lines().count(), 1, "{stderr}");
        }
    }
    let unread = answer("status", &json!({"found": {"fleets": 3}}));
    assert_eq!(unread.status, 2);
    assert!(unread.stderr.starts_with("protoplast: the gathered facts cannot be read: "));
}
