use std::collections::{BTreeMap, BTreeSet};

use protoplast_planner::{Layout, Node, PinTo, Plan, bytes, count_of, plan, unpinned_nodes};

use crate::doctor::amount::{has_cpus, in_cpus, is_given_out, whole};
use crate::doctor::facts::{Limits, Machine};
use crate::doctor::finding::Finding;

/// A live node, and its machine if it has told of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnMachine<'a> {
    pub(crate) node: &'a Node,
    pub(crate) machine: &'a Machine,
}

/// A finding, with the nodes that it is about; none if it is about the cluster.
type Shared<'a> = (Finding, Vec<&'a Node>);

/// What is found of nodes that have something in common: what each of them has alone, they may not have
/// together.
pub(crate) fn findings<'a>(
    nodes: &'a [Node],
    told: &[OnMachine<'a>],
    layout: &Layout,
) -> Vec<Shared<'a>> {
    let mut found = Vec::new();
    found.extend(together(nodes, layout));
    let known: Vec<_> = told.iter().filter(|one| one.machine.boot_id.is_some()).copied().collect();
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
    let unknown: Vec<_> = told.iter().filter(|one| one.machine.boot_id.is_none()).collect();
    if !unknown.is_empty() && nodes.len() > 1 {
        let finding = Finding::unchecked(
            "it is not known whether it shares its machine, since /proc/sys/kernel/random/boot_id cannot be \
             read there",
            "let processes there read it, then ask again",
        );
        found.push((finding, unknown.iter().map(|one| one.node).collect()));
    }
    found
}

/// What tells the container of a node from others on its machine. Those that share the network of their host have
/// its name.
fn container(one: &OnMachine<'_>) -> (String, Option<String>) {
    (one.node.host().to_owned(), one.machine.cgroup.clone())
}

/// Whether all nodes together can have the layout that each can have alone.
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
            let finding = Finding::ok("workers are not pinned, since another node shares the host");
            let of = nodes.iter().filter(|node| unpinned.contains(node.id()));
            Some((finding, of.collect()))
        }
    }
}

fn by<'a, K: Ord>(
    told: &[OnMachine<'a>],
    key: impl Fn(&OnMachine<'a>) -> K,
) -> BTreeMap<K, Vec<OnMachine<'a>>> {
    let mut groups: BTreeMap<K, Vec<OnMachine<'a>>> = BTreeMap::new();
    for one in told {
        groups.entry(key(one)).or_default().push(*one);
    }
    groups
}

/// Holds what Ray counts on nodes together against what their processes may use together.
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
                "start them with fewer ('ray start --num-cpus'), no more than {} together, or run one \
                 node a {what}",
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
                 {}, so the kernel may end workers that keep to their share",
                bytes(counted_bytes),
                bytes(real),
            ),
            format!(
                "start them with less, such as 'ray start --memory={}' each, or run one node a {what}",
                is_given_out(real) / nodes.len() as u64,
            ),
        ));
    }
    if found.is_empty() && limits.len() == all.len() {
        found.push(Finding::ok(format!("the {what} that they share has what Ray counts together")));
    }
    found.into_iter().map(|finding| (finding, nodes.clone())).collect()
}

/// Whether containers on one machine would pin their workers to the same CPUs. They do not see each other.
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
            "their workers would be pinned to the same CPUs, since they are containers on one machine",
            "give each container CPUs of its own (a cpuset), run one node a machine, or leave 'pin' out \
             of the layout",
        );
        (finding, pinned.iter().map(|one| one.node).collect())
    })
}
