use protoplast_host::{CpuSet, Error, Topology, allowed_cpus, assign_cores, assign_numa};

use crate::recorded::Recorded;

fn machine(name: &str) -> (Topology, CpuSet) {
    let machine = Recorded::tree(name);
    (Topology::read(&machine).expect(name), allowed_cpus(&machine).expect(name))
}

fn cores(name: &str, widths: &[u32]) -> Vec<String> {
    let (topology, allowed) = machine(name);
    let sets = assign_cores(&topology, &allowed, widths).expect(name);
    sets.iter().map(ToString::to_string).collect()
}

fn numa(name: &str, widths: &[u32]) -> Vec<String> {
    let (topology, allowed) = machine(name);
    let bound = assign_numa(&topology, &allowed, widths).expect(name);
    bound.iter().map(ToString::to_string).collect()
}

#[test]
fn each_worker_has_cpus_of_its_own() {
    assert_eq!(cores("one-node", &[1, 1, 1, 1]), ["0", "1", "2", "3"]);
    assert_eq!(cores("one-node", &[2, 1]), ["0-1", "2"]);
    assert_eq!(cores("one-node", &[]), [""; 0]);
}

#[test]
fn siblings_stay_together() {
    assert_eq!(cores("one-node-adjacent", &[2, 2, 4]), ["4-5", "6-7", "0-3"]);
    assert_eq!(cores("two-nodes", &[4; 4]), ["0-1,8-9", "2-3,10-11", "4-5,12-13", "6-7,14-15"]);
    assert_eq!(cores("container", &[1, 1]), ["0", "2"]);
    assert_eq!(cores("container", &[1, 1, 1, 1]), ["0", "1", "2", "3"]);
}

#[test]
fn no_worker_straddles_nodes_without_need() {
    assert_eq!(cores("two-nodes", &[3, 8, 3, 2]), ["4,7,12", "0-3,8-11", "5,13,15", "6,14"]);
    assert_eq!(cores("two-nodes", &[6, 6, 4]), ["0-2,8-10", "4-6,12-14", "3,7,11,15"]);
    let eight = cores("eight-nodes", &[8; 8]);
    assert_eq!((eight[0].as_str(), eight[7].as_str()), ("0-3,32-35", "28-31,60-63"));
    assert_eq!(cores("eight-nodes", &[16, 48])[0], "24-31,56-63");
}

#[test]
fn only_allowed_cpus_are_assigned() {
    assert_eq!(cores("two-nodes-cpuset", &[2, 2, 2, 1]), ["1,9", "2,10", "3,11", "12"]);
    assert_eq!(cores("two-nodes-cpuset", &[1, 6]), ["12", "1-3,9-11"]);
    assert_eq!(cores("two-nodes-cpuset", &[7]), ["1-3,9-12"]);
}

#[test]
fn machines_with_holes_are_assigned_completely() {
    assert_eq!(cores("holes", &[4, 4, 4, 1]), ["0-3", "8-11", "12-15", "4"]);
    assert_eq!(cores("holes", &[5, 8]), ["0-4", "8-15"]);
    assert_eq!(numa("holes", &[5, 8]), ["0-4", "8-15"]);
}

#[test]
fn workers_are_balanced_over_nodes() {
    let (first, second) = ("0-3,8-11", "4-7,12-15");
    assert_eq!(numa("two-nodes", &[2, 2]), [first, second]);
    assert_eq!(numa("two-nodes", &[4, 8]), [second, first]);
    assert_eq!(numa("two-nodes", &[16]), [first]);
    // The third worker overfills any node by 2.
    assert_eq!(numa("two-nodes", &[6, 6, 4]), [first, second, first]);
    assert_eq!(numa("container", &[1, 3]), ["0-3", "0-3"]);
}

#[test]
fn too_few_allowed_cpus_are_an_error_with_both_numbers() {
    let (topology, allowed) = machine("two-nodes-cpuset");
    let error = assign_cores(&topology, &allowed, &[4, 4]).unwrap_err();
    assert_eq!(error, Error::TooFewCpus { wanted: 8, available: 7, allowed: allowed.clone() });
    let text = error.to_string();
    assert!(text.contains("8 CPUs") && text.contains("7 ('1-3,9-12')"), "{text}");
    assert_eq!(assign_numa(&topology, &allowed, &[4, 4]), Err(error));
    // The sum of widths must not wrap around.
    assert!(assign_cores(&topology, &allowed, &[u32::MAX, 1]).is_err());
    // CPUs that are allowed but not online do not count.
    assert!(assign_cores(&topology, &"0-99".parse().unwrap(), &[17]).is_err());
    assert_eq!(assign_cores(&topology, &allowed, &[1, 0]), Err(Error::NoWidth { worker: 1 }));
}
