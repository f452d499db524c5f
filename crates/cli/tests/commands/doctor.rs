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

fn machine(boot_id: &str) -> Value {
    let limits = json!({"quota_cpus": null, "memory_bytes": 32 * GIB, "limit_bytes": null});
    let allowed: Vec<u32> = (0..8).collect();
    json!({"boot_id": boot_id, "allowed": allowed, "limits": limits, "reason": ""})
}

fn here() -> Value {
    json!({
        "installed": installed(), "newest_tested": "0.7.26", "unsupported": null,
        "token": {"mode": null, "is_known": true, "is_there": false},
        "machine": machine("here"),
    })
}

fn node(id: &str) -> Value {
    json!({
        "node": {"NodeID": id, "Alive": true, "NodeManagerAddress": format!("10.0.0.{}", id.len()),
                 "Resources": {"CPU": 8.0, "memory": 16 * GIB}},
        "answer": {"installed": installed(), "machine": machine(id), "facts_missing": null},
        "reason": "",
    })
}

fn without_protoplast(id: &str) -> Value {
    let mut node = node(id);
    let reason = "No module named 'protoplast'";
    node["answer"]["installed"]["protoplast"] = Value::Null;
    node["answer"]["machine"]["limits"] = Value::Null;
    node["answer"]["machine"]["reason"] = json!(reason);
    node["answer"]["facts_missing"] = json!(reason);
    node
}

/// Nodes on one host, each with this many CPUs and this much memory by Ray's count.
fn on_one_host(cpus: f64, memory_bytes: u64) -> [Value; 2] {
    ["a", "bb"].map(|id| {
        let mut node = node(id);
        node["node"]["NodeManagerHostname"] = json!("host");
        node["node"]["Resources"] = json!({"CPU": cpus, "memory": memory_bytes});
        node["answer"]["machine"]["boot_id"] = json!("one");
        node
    })
}

/// Two containers with different host names on one machine.
fn on_one_machine(cpus: f64, memory_bytes: u64) -> [Value; 2] {
    let mut all = on_one_host(cpus, memory_bytes);
    for (index, node) in all.iter_mut().enumerate() {
        node["node"]["NodeManagerHostname"] = json!(format!("pod-{index}"));
    }
    all
}

fn found(all: &[Value], layout: &str, status: u8) -> String {
    let output = verdict(&here(), &nodes(all), layout);
    assert_eq!(output.status, status, "{output:?}");
    output.stdout
}

fn nodes(all: &[Value]) -> Value {
    json!({"found": all})
}

#[test]
fn a_good_environment_has_no_problems() {
    let mut limited = here();
    limited["machine"]["limits"]["quota_cpus"] = json!(1.5);
    limited["machine"]["limits"]["limit_bytes"] = json!(4 * GIB);
    golden(&limited, &Value::Null, 0, &expect_file!["../golden/doctor-here.txt"]);
    let bare = verdict(&here(), &Value::Null, "per-core").stdout;
    assert!(bare.contains("here: 8 CPUs, 32.0 GiB; no limit of a container was found"), "{bare}");
}

#[test]
fn a_good_cluster_has_no_problems() {
    let mut head = node("head-node-of-the-cluster");
    head["node"]["Resources"] = json!({"memory": 16 * GIB});
    let all = nodes(&[head, node("worker-1"), node("worker-22")]);
    golden(&here(), &all, 0, &expect_file!["../golden/doctor-cluster.txt"]);
}

#[test]
fn a_cluster_with_problems() {
    let mut wide = node("wide");
    wide["answer"]["machine"]["limits"]["quota_cpus"] = json!(1.5);
    wide["answer"]["machine"]["limits"]["limit_bytes"] = json!(2 * GIB);
    let bare = without_protoplast("bare-");
    let mut other = node("other-");
    other["answer"]["installed"] =
        json!({"python": "3.12.1", "protoplast": "0.0.9", "daft": "0.7.1", "ray": "2.47.1"});
    let mut small = node("small--");
    small["node"]["Resources"]["memory"] = json!(100_000_000);
    let mut silent = node("silent--");
    silent["answer"] = Value::Null;
    silent["reason"] = json!("it did not answer within 30 s");
    let all = nodes(&[wide, bare, other, small, silent]);
    golden(&here(), &all, 1, &expect_file!["../golden/doctor-problems.txt"]);
}

#[test]
fn what_could_not_be_checked_is_neither_a_problem_nor_ok() {
    let mut silent = node("silent");
    silent["answer"] = Value::Null;
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
        ("unreported", 2),
    ] {
        let gone = json!({"unreachable": {"cause": cause, "address": "a", "message": "b"}});
        let output = verdict(&here(), &gone, "per-core");
        assert_eq!((output.status, output.stderr.as_str()), (status, ""), "{cause}");
        assert!(output.stdout.contains("           -> "), "{output:?}");
    }
}

#[test]
fn an_unsupported_daft_is_a_problem() {
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
        (
            json!({"mode": "TOKEN", "is_known": false, "is_there": false}),
            1,
            "does not support tokens",
        ),
        (
            json!({"mode": "disabled", "is_known": true, "is_there": true}),
            0,
            "sends no token, because",
        ),
        (json!({"mode": null, "is_known": true, "is_there": true}), 0, "Ray finds a token"),
        (
            json!({"mode": "token", "is_known": true, "is_there": null}),
            2,
            "whether Ray 2.59.0 finds",
        ),
        (json!({"mode": null, "is_known": true, "is_there": null}), 2, "whether Ray 2.59.0 finds"),
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
    assert!(output.stdout.contains("are unknown, so 'per-numa'"), "{output:?}");
}

#[test]
fn a_problem_of_many_nodes_is_one_finding() {
    let many: Vec<_> = (1..9).map(|length| without_protoplast(&"n".repeat(length))).collect();
    let output = verdict(&here(), &nodes(&many), "per-core");
    assert_eq!(output.status, 1);
    assert!(output.stdout.contains("8 nodes ("), "{output:?}");
    assert!(output.stdout.contains(", ...): protoplast cannot be imported"), "{output:?}");
}

#[test]
fn nodes_that_share_a_host_cannot_pin() {
    let all = on_one_host(2.0, GIB);
    let refused = found(&all, "per-core,pin=core", 1);
    let expected = "problem    cluster: worker 'a_cpu_0' cannot be pinned: 2 nodes of the cluster are on \
                    the host 'host' and would assign the same CPUs to their workers\n           -> run one node per host";
    assert!(refused.contains(expected), "{refused}");
    let fallback = found(&all, "per-core,pin=core,pin-fallback=true", 0);
    assert!(
        fallback.contains("2 nodes: workers are not pinned, because another node"),
        "{fallback}"
    );
    let alone = found(&[node("a"), node("bb")], "per-core,pin=core", 0);
    assert!(!alone.contains("pinned"), "{alone}");
    // When workers are pinned, only the name of the host counts.
    let mut all = [node("a"), node("bb")];
    for node in &mut all {
        node["node"]["NodeManagerHostname"] = json!("localhost");
    }
    found(&all, "per-core,pin=core", 1);
}

#[test]
fn containers_on_one_machine_would_pin_to_the_same_cpus() {
    let mut all = on_one_machine(2.0, GIB);
    let refused = found(&all, "per-core,pin=core", 1);
    assert!(refused.contains("would be pinned to the same CPUs"), "{refused}");
    found(&all, "per-core,pin=numa", 0);
    found(&all, "id=a -> per-core,pin=core; * -> per-core", 0);
    all[0]["answer"]["machine"]["allowed"] = json!([0, 1]);
    all[1]["answer"]["machine"]["allowed"] = json!([2, 3]);
    found(&all, "per-core,pin=core", 0);
}

#[test]
fn nodes_on_one_host_are_added_up() {
    let fine = found(&on_one_host(4.0, 16 * GIB), "per-core", 0);
    assert!(fine.contains("2 nodes: the host that they share has what Ray counts"), "{fine}");
    let cpus = found(&on_one_host(5.0, GIB), "per-core", 1);
    let expected = "problem    2 nodes (a (10.0.0.1), bb (10.0.0.2)): Ray counts 10 CPUs on them together, \
                    but the host that they share lets them use 8 CPUs, so workers share CPUs\n";
    assert!(cpus.contains(expected) && cpus.contains("no more than 8 CPUs together"), "{cpus}");
    let memory = found(&on_one_host(1.0, 17 * GIB), "per-core", 1);
    assert!(memory.contains("Ray counts 34.0 GiB of memory on them together"), "{memory}");
    // The limits of a host hold for everything on it.
    let mut limited = on_one_host(2.0, 3 * GIB);
    for node in &mut limited {
        node["answer"]["machine"]["limits"]["quota_cpus"] = json!(3.5);
        node["answer"]["machine"]["limits"]["limit_bytes"] = json!(4 * GIB);
    }
    let limited = found(&limited, "per-core", 1);
    assert!(limited.contains("lets them use 3.5 CPUs"), "{limited}");
    assert!(limited.contains("lets them use 4.0 GiB"), "{limited}");
}

#[test]
fn containers_on_one_machine_are_added_up() {
    let fine = found(&on_one_machine(4.0, 16 * GIB), "per-core", 0);
    assert!(fine.contains("2 nodes: the machine that they share has what Ray counts"), "{fine}");
    let more = found(&on_one_machine(5.0, 17 * GIB), "per-core", 1);
    assert!(more.contains("10 CPUs on them together, but the machine that they share"), "{more}");
    assert!(more.contains("34.0 GiB of memory on them together, but the machine"), "{more}");
    // The limits of a container hold for that container alone.
    let mut limited = on_one_machine(4.0, 16 * GIB);
    for node in &mut limited {
        node["answer"]["machine"]["limits"]["quota_cpus"] = json!(4.0);
        node["answer"]["machine"]["limits"]["limit_bytes"] = json!(16 * GIB);
    }
    found(&limited, "per-core", 0);
    // The containers may use different CPUs, as many as Ray counts.
    let mut apart = on_one_machine(4.0, GIB);
    apart[0]["answer"]["machine"]["allowed"] = json!([0, 1, 2, 3]);
    apart[1]["answer"]["machine"]["allowed"] = json!([4, 5, 6, 7]);
    found(&apart, "per-core", 0);
}

#[test]
fn a_part_of_a_cpu_is_no_cpu() {
    let with_quota = |quota: f64, cpus: f64| {
        let mut node = node("a");
        node["node"]["Resources"]["CPU"] = json!(cpus);
        node["answer"]["machine"]["limits"]["quota_cpus"] = json!(quota);
        node
    };
    let little = found(&[with_quota(1.01, 2.0)], "per-core", 1);
    assert!(little.contains("Ray counts 2 CPUs, but its processes may use 1.01 CPUs"), "{little}");
    assert!(little.contains("'ray start --num-cpus=1'"), "{little}");
    found(&[with_quota(0.5, 1.0)], "per-core", 1);
    found(&[with_quota(2.0, 2.0)], "per-core", 0);
    found(&[with_quota(1.9999, 2.0)], "per-core", 0);
    let mut limited = here();
    limited["machine"]["limits"]["quota_cpus"] = json!(1.01);
    let text = verdict(&limited, &Value::Null, "per-core").stdout;
    assert!(text.contains("its container allows 1.01 CPUs"), "{text}");
}

#[test]
fn unreadable_facts_are_not_checked() {
    let unread = |what: &str| {
        let mut node = node("a");
        match what {
            "limits" => node["answer"]["machine"]["limits"] = Value::Null,
            "boot_id" => node["answer"]["machine"]["boot_id"] = Value::Null,
            _ => node["answer"]["facts_missing"] = json!("no /sys"),
        }
        node
    };
    let limits = found(&[unread("limits")], "per-core", 2);
    assert!(limits.contains("unchecked  node a (10.0.0.1): its memory and the limits"), "{limits}");
    assert!(!limits.contains("Ray counts no more"), "{limits}");
    let facts = found(&[unread("facts")], "per-core", 2);
    assert!(facts.contains("how many workers it can start are not known: no /sys"), "{facts}");
    let machines = found(&[unread("boot_id"), node("bb")], "per-core", 2);
    assert!(machines.contains("it is not known whether it shares its machine"), "{machines}");
    found(&[unread("boot_id")], "per-core", 0);
    // A known problem is reported all the same.
    let mut wide = unread("limits");
    wide["node"]["Resources"]["CPU"] = json!(9.0);
    let both = found(&[wide], "per-core", 1);
    assert!(both.contains("may use 8 CPUs") && both.contains("1 problem, 1 not checked"), "{both}");

    let mut blind = here();
    blind["machine"]["limits"] = Value::Null;
    blind["machine"]["reason"] = json!("no /proc");
    let output = verdict(&blind, &Value::Null, "per-core");
    assert_eq!(output.status, 2);
    assert!(
        output
            .stdout
            .contains("unchecked  here: 8 CPUs: its memory and the limits of its container"),
        "{output:?}"
    );
}

#[test]
fn a_package_that_is_missing_on_both_sides_is_a_problem() {
    let mut node = node("a");
    node["answer"]["installed"]["daft"] = Value::Null;
    let mut here = here();
    here["installed"]["daft"] = Value::Null;
    let output = verdict(&here, &nodes(&[node]), "per-core");
    assert_eq!(output.status, 1, "{output:?}");
    assert!(output.stdout.contains("node a (10.0.0.1): Daft cannot be imported"), "{output:?}");
}

#[test]
fn a_layout_that_nodes_cannot_have_together_is_a_problem() {
    let mixed = "id=a_cpu_0 -> per-node; * -> per-core";
    let refused = found(&[node("a"), node("a_cpu_0")], mixed, 1);
    assert!(refused.contains("would have the same id"), "{refused}");
}
