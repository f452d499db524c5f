use expect_test::expect_file;
use protoplast_cli::{Output, Surroundings};

use crate::outputs::{golden, output, printed};

#[test]
fn a_plan_is_a_table() {
    let four = "plan --nodes 4 --cpus 8 --gpus 2 --memory 32GiB";
    golden(four, &expect_file!["../golden/plan.txt"]);
    let auto = format!("{four} --layout auto,max-workers=3,memory=0.9");
    golden(&auto, &expect_file!["../golden/plan-auto.txt"]);
    let per_numa = "plan --cpus 10 --memory 64GB --numa 4 --layout per-numa";
    golden(per_numa, &expect_file!["../golden/plan-per-numa.txt"]);
    golden(
        "plan --cpus 4 --memory 8GiB --layout per-node",
        &expect_file!["../golden/plan-stock.txt"],
    );
}

#[test]
fn a_plan_of_unlike_nodes_is_a_table() {
    let rules = "resource=GPU->per-gpu;label=tier:small->per-node;*->per-core,max-workers=6";
    let mixed = format!("plan --inventory - --layout {rules}");
    golden(&mixed, &expect_file!["../golden/plan-mixed.txt"]);
    let one_rule = "plan --inventory - --layout resource=GPU->cpus-per-worker=5";
    golden(one_rule, &expect_file!["../golden/plan-one-rule.txt"]);
    let thousand = "plan --nodes 1000 --cpus 128 --gpus 8 --memory 2TiB";
    golden(thousand, &expect_file!["../golden/plan-thousand.txt"]);
}

#[test]
fn many_unlike_nodes_are_cut_short() {
    let node = |index| {
        format!(r#"{{"NodeID": "{index}", "Resources": {{"CPU": 8, "memory": {index}e9}}}}"#)
    };
    let nodes: Vec<_> = (10..1010).map(node).collect();
    let stdin = format!("[{}]", nodes.join(",")).into_bytes();
    let given = Surroundings { stdin, ..Surroundings::default() };
    let Output { stdout, .. } = output(&["plan", "--inventory", "-"], &given);
    assert!(stdout.lines().count() < 200, "{stdout}");
    assert!(stdout.contains("980 more nodes, which only the totals"), "{stdout}");
}

#[test]
fn a_plan_is_json_or_a_picture() {
    let json = printed("plan --nodes 2 --cpus 2 --memory 4GiB --format json");
    expect_file!["../golden/plan.json"].assert_eq(&json);
    let svg = printed("plan --inventory - --format svg");
    assert!(svg.starts_with("<svg ") && svg.contains("NUMA node 1"), "{svg}");
}

#[test]
fn what_cannot_be_planned_is_said_on_one_line() {
    let given = Surroundings { stdin: b"[{}]".to_vec(), ..Surroundings::default() };
    for (arguments, expected) in [
        ("plan --inventory -", "the nodes cannot be read: missing field `NodeID`"),
        (
            "plan --inventory /no/such/file",
            "the inventory '/no/such/file' cannot be read: No such file",
        ),
        (
            "plan --nodes 65536 --cpus 65536 --memory 1TiB",
            "the nodes have 4294967296 CPUs together",
        ),
        (
            "plan --cpus 64 --memory 1GiB",
            "the layout 'per-core' divides node 'node-0' with 1.0 GiB",
        ),
        (
            "plan --cpus 8 --memory 8GiB --layout per-numa",
            "the NUMA nodes of node 'node-0' are unknown",
        ),
        ("plan --cpus 8 --memory 8EiB", "node 'node-0' reports memory"),
    ] {
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        let Output { stdout, stderr, status } = output(&arguments, &given);
        assert_eq!((status, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(stderr.starts_with(&format!("protoplast: {expected}")), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}
