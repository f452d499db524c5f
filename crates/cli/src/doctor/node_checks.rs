use protoplast_planner::{Layout, Node, Quoted, bytes, count_of, plan};

use crate::doctor::facts::{Installed, NodeAnswer, NodeFacts};
use crate::doctor::finding::{Finding, Severity};
use crate::doctor::shared_machine::{self, OnMachine};
use crate::error::Error;
use crate::short_id::ShortIds;

/// The most nodes that a finding names.
const MOST_NAMED: usize = 5;

/// Checks the live nodes of a cluster. The same result on several nodes is one finding.
pub(crate) fn findings(
    here: &Installed,
    all: &[NodeFacts],
    layout: &Layout,
) -> Result<Vec<Finding>, Error> {
    let mut nodes = Vec::new();
    for facts in all {
        nodes.extend(Node::read_all(format!("[{}]", facts.node).as_bytes())?);
    }
    let ids = ShortIds::of(nodes.iter().map(|node| &**node.id()));
    let name = |node: &Node| match node.address() {
        Some(address) => format!("{} ({})", ids.short(node.id()), Quoted(address)),
        None => ids.short(node.id()).to_owned(),
    };
    let mut found: Vec<(Finding, Vec<String>)> = Vec::new();
    for (node, NodeFacts { answer, reason, .. }) in nodes.iter().zip(all) {
        for finding in of_node(here, node, answer.as_ref(), reason, layout) {
            match found.iter_mut().find(|(other, _)| *other == finding) {
                Some((_, names)) => names.push(name(node)),
                None => found.push((finding, vec![name(node)])),
            }
        }
    }
    let answered = nodes.iter().zip(all).filter_map(|(node, facts)| {
        Some(OnMachine { node, machine: &facts.answer.as_ref()?.machine })
    });
    for (finding, of) in shared_machine::findings(&nodes, &answered.collect::<Vec<_>>(), layout) {
        found.push((finding, of.into_iter().map(name).collect()));
    }
    if nodes.is_empty() {
        found.push((Finding::unchecked("there is no live node", "start a node"), Vec::new()));
    }
    found.sort_by_key(|(finding, _)| finding.severity != Severity::Ok);
    let with_subject = |(finding, names): (Finding, Vec<String>)| {
        let subject = subject(&names, finding.severity != Severity::Ok);
        finding.of(&subject)
    };
    Ok(found.into_iter().map(with_subject).collect())
}

/// The subject of a finding; several nodes are named only if something has to be done about them.
fn subject(names: &[String], by_name: bool) -> String {
    let nodes = count_of(names.len() as u64, "node");
    match names {
        [] => "cluster".to_owned(),
        [name] => format!("node {name}"),
        _ if !by_name => nodes,
        _ => {
            let named: Vec<_> = names.iter().take(MOST_NAMED).map(String::as_str).collect();
            let more = if named.len() < names.len() { ", ..." } else { "" };
            format!("{nodes} ({}{more})", named.join(", "))
        }
    }
}

fn of_node(
    here: &Installed,
    node: &Node,
    answer: Option<&NodeAnswer>,
    reason: &str,
    layout: &Layout,
) -> Vec<Finding> {
    let Some(NodeAnswer { installed, machine, facts_missing }) = answer else {
        return vec![Finding::unchecked(
            format!("it could not be checked: {}", Quoted(reason)),
            "check that it runs and can start processes, then run the check again",
        )];
    };
    let mut found = versions(here, installed);
    let logical = machine.against(node);
    if logical.is_empty() {
        found.push(Finding::ok("Ray counts no more CPUs and memory than there are"));
    }
    found.extend(logical);
    if let Some(reason) = facts_missing {
        found.push(Finding::unchecked(
            format!(
                "its NUMA nodes and how many workers it can start are not known: {}",
                Quoted(reason)
            ),
            "remove the cause, then run the check again",
        ));
    }
    found.push(shares(node, layout));
    found
}

/// Compares what is installed on a node with what is installed here.
fn versions(here: &Installed, there: &Installed) -> Vec<Finding> {
    let ray = here.ray.as_deref().unwrap_or("?");
    let mut found: Vec<_> = [
        differs("Python", Some(minor(&here.python)), Some(minor(&there.python))),
        differs("Ray", here.ray.as_deref(), there.ray.as_deref()),
        differs("Daft", here.daft.as_deref(), there.daft.as_deref()),
        differs("protoplast", here.protoplast.as_deref(), there.protoplast.as_deref()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if found.is_empty() {
        let daft = here.daft.as_deref().unwrap_or("?");
        let protoplast = here.protoplast.as_deref().unwrap_or("?");
        found.push(Finding::ok(format!(
            "Python {}, Ray {ray}, Daft {daft} and protoplast {protoplast}, as here",
            minor(&here.python),
        )));
    }
    found
}

fn differs(name: &str, here: Option<&str>, there: Option<&str>) -> Option<Finding> {
    if here == there && there.is_some() {
        return None;
    }
    let wanted = here.unwrap_or("none");
    Some(match there {
        None => Finding::problem(
            format!("{name} cannot be imported"),
            format!(
                "install {name} {wanted} in the image of the node, or ship it with each job in its \
                 runtime_env"
            ),
        ),
        Some(there) => Finding::problem(
            format!("it has {name} {}, but here is {wanted}", Quoted(there)),
            format!("install one version of {name}, here and on every node"),
        ),
    })
}

/// The part of a Python version that the format of messages between processes depends on: `3.11` of `3.11.7`.
fn minor(version: &str) -> &str {
    let second = version.match_indices('.').nth(1);
    second.map_or(version, |(place, _)| &version[..place])
}

/// Checks whether a node can have the layout, and reports the share of a worker.
fn shares(node: &Node, layout: &Layout) -> Finding {
    match plan::<&str>(std::slice::from_ref(node), layout, &[]) {
        Err(error) => Finding::of_error(&error.to_string()),
        Ok(plan) => {
            let workers = count_of(plan.workers.len() as u64, "worker");
            let least = plan.workers.iter().map(|worker| worker.memory_bytes).min();
            Finding::ok(match least {
                None => "no worker runs on it, because it has no whole CPU or no memory".to_owned(),
                Some(least) => {
                    format!("layout {layout}: {workers}, each with {} or more", bytes(least))
                }
            })
        }
    }
}
