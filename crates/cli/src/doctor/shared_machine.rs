use std::collections::{BTreeMap, BTreeSet};

use protoplast_planner::{Layout, Node, PinTo, Plan, bytes, count_of, plan, unpinned_nodes};

use crate::doctor::amount::{handed_out, has_cpus, in_cpus, whole};
use crate::doctor::facts::{Limits, Machine};
use crate::doctor::finding::Finding;

/// A live node that has answered, with its machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnMachine<'a> {
    pub(crate) node: &'a Node,
    pub(crate) machine: &'a Machine,
}

/// A finding, with the nodes that it is about; no node if it is about the cluster.
type Shared<'a> = (Finding, Vec<&'a Node>);

/// Checks nodes that share something: each may have enough alone, and all together not.
pub(crate) fn findings<'a>(
    nodes: &'a [Node],
    answered: &[OnMachine<'a>],
    layout: &Layout,
) -> Vec<Shared<'a>> {
    let mut found = Vec::new();
    found.extend(together(nodes, layout));
    let known: Vec<_> =
        answered.iter().filter(|one| one.machine.boot_id.is_some()).copied().collect();
    for of_one in by(&known, |one| (one.machine.boot_id.clone(), container(one))).values() {
        if of_one.len() > 1 {
            found.extend(in_one("host", of_one, Limits::usable_bytes, |limits| limits.quota_cpus));
        }
    }
    for of_one in by(&known, |one| one.machine.boot_id.clone()).values() {
        let containers: BTreeSet<_> = of_one.iter().map(container).collect();
        if containers.len() > 1 {
            found.extend(in_one("machine", of_one, |limits| limits.memory_bytes, |_| None));
            found.extend(pinned_to_the_same(of_one, layout));
        }
    }
    let unknown: Vec<_> = answered.iter().filter(|one| one.machine.boot_id.is_none()).collect();
    if !unknown.is_empty() && nodes.len() > 1 {
        let finding = Finding::unchecked(
            "it is not known whether it shares its machine, because /proc/sys/kernel/random/boot_id cannot be \
             read there",
            "let processes there read the file, then run the check again",
        );
        found.push((finding, unknown.iter().map(|one| one.node).collect()));
    }
    found
}

/// The container of a node, as distinguished from others on its machine. Containers that share the network of
/// their host have its name.
fn container(one: &OnMachine<'_>) -> (String, Option<String>) {
    (one.node.host().to_owned(), one.machine.cgroup.clone())
}

/// Checks whether all nodes together can have the layout that each can have alone.
fn together<'a>(nodes: &'a [Node], layout: &Layout) -> Option<Shared<'a>> {
    let alone = |node: &&Node| plan::<&str>(std::slice::from_ref(*node), layout, &[]).is_ok();
    let able: Vec<Node> = nodes.iter().filter(alone).cloned().collect();
    let found = match plan::<&str>(&able, layout, &[]) {
        Err(error) => (Finding::of_error(&error.to_string()), Vec::new()),
        Ok(plan) => pinning(nodes, &plan)?,
    };
    Some(found)
}

fn pinning<'a>(nodes: &'a [Node], plan: &Plan) -> Option<Shared<'a>> {
    match unpinned_nodes(plan, nodes) {
        Err(error) => Some((Finding::of_error(&error.to_string()), Vec::new())),
        Ok(unpinned) if unpinned.is_empty() => None,
        Ok(unpinned) => {
            let finding =
                Finding::ok("workers are not pinned, because another node shares the host");
            let of = nodes.iter().filter(|node| unpinned.contains(node.id()));
            Some((finding, of.collect()))
        }
    }
}

fn by<'a, K: Ord>(
    answered: &[OnMachine<'a>],
    key: impl Fn(&OnMachine<'a>) -> K,
) -> BTreeMap<K, Vec<OnMachine<'a>>> {
    let mut groups: BTreeMap<K, Vec<OnMachine<'a>>> = BTreeMap::new();
    for one in answered {
        groups.entry(key(one)).or_default().push(*one);
    }
    groups
}

/// Compares what Ray counts on several nodes with what their processes may use together.
fn in_one<'a>(
    what: &str,
    all: &[OnMachine<'a>],
    memory: impl Fn(Limits) -> u64,
    quota: impl Fn(Limits) -> Option<f64>,
) -> Vec<Shared<'a>> {
    let nodes: Vec<&Node> = all.iter().map(|one| one.node).collect();
    let limits: Vec<Limits> = all.iter().filter_map(|one| one.machine.limits).collect();
    let allowed: BTreeSet<u32> = all.iter().flat_map(|one| &one.machine.allowed).copied().collect();
    let real = limits.iter().filter_map(|one| quota(*one)).fold(allowed.len() as f64, f64::min);
    let cpus = nodes.iter().map(|node| u64::from(node.cpus())).sum();
    let mut found = Vec::new();
    if !has_cpus(real, cpus) {
        found.push(Finding::problem(
            format!(
                "Ray counts {} on them together, but the {what} that they share lets them use {}, so \
                 workers share CPUs",
                count_of(cpus, "CPU"),
                in_cpus(real),
            ),
            format!(
                "start them with fewer CPUs ('ray start --num-cpus'), no more than {} together, or run one \
                 node per {what}",
                count_of(whole(real), "CPU"),
            ),
        ));
    }
    let counted_bytes = nodes.iter().map(|node| node.memory_bytes()).fold(0, u64::saturating_add);
    if let Some(real) = limits.iter().map(|one| memory(*one)).min()
        && real < counted_bytes
    {
        found.push(Finding::problem(
            format!(
                "Ray counts {} of memory on them together, but the {what} that they share lets them use \
                 {}, so the kernel may kill workers that stay within their share",
                bytes(counted_bytes),
                bytes(real),
            ),
            format!(
                "start them with less memory, such as 'ray start --memory={}' each, or run one node per {what}",
                handed_out(real) / nodes.len() as u64,
            ),
        ));
    }
    if found.is_empty() && limits.len() == all.len() {
        found.push(Finding::ok(format!("the {what} that they share has what Ray counts together")));
    }
    found.into_iter().map(|finding| (finding, nodes.clone())).collect()
}

/// Checks whether containers on one machine would pin their workers to the same CPUs. They do not see each
/// other.
fn pinned_to_the_same<'a>(all: &[OnMachine<'a>], layout: &Layout) -> Option<Shared<'a>> {
    let pins = |one: &&OnMachine<'_>| {
        let pin = layout.for_node(one.node).pin();
        one.node.is_usable() && pin.is_some_and(|pin| pin.to == PinTo::Core)
    };
    let pinned: Vec<_> = all.iter().filter(pins).collect();
    let mut users: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    for one in &pinned {
        for cpu in &one.machine.allowed {
            users.entry(*cpu).or_default().insert(one.node.host());
        }
    }
    users.values().any(|hosts| hosts.len() > 1).then(|| {
        let finding = Finding::problem(
            "their workers would be pinned to the same CPUs, because they are containers on one machine",
            "give each container CPUs of its own (a cpuset), run one node per machine, or leave 'pin' out \
             of the layout",
        );
        (finding, pinned.iter().map(|one| one.node).collect())
    })
}
