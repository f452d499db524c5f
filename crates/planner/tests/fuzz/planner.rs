//! Properties of every plan.

use std::collections::HashSet;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use protoplast_planner::{
    Error, Gpus, Layout, LayoutKind, MemoryFraction, Node, NodeLayout, Plan, WORKER_PRIVATE_BYTES,
    Worker, check_created, environment, plan,
};

use crate::cases::hold;
use crate::clusters::clusters;
use crate::layouts::layouts;
use crate::messages::{is_sound, quotes};

/// Turns the id of a worker into one that is almost it, or returns the same id.
const CHANGES: [fn(&str) -> String; 11] = [
    |id| id.to_owned(),
    |id| id.replace("_cpu_", "_cpu_0"),
    |id| id.replace("_cpu_", "_cpu_+"),
    |id| id.replace("_cpu_", "_cpu_-"),
    |id| id.replace("_cpu_", "_CPU_"),
    |id| format!("{id}{id}"),
    |id| format!("{id}0"),
    |id| format!("{id} "),
    |id| format!("{id}_cpu_0"),
    |id| format!("{id}_cpu_4294967296"),
    |id| id.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned(),
];

fn strangers() -> impl Strategy<Value = Vec<(Index, usize)>> {
    proptest::collection::vec((any::<Index>(), 0..CHANGES.len()), 0..4)
}

#[test]
fn every_plan_is_sound() {
    let values = (clusters(), layouts(), any::<u64>(), strangers());
    hold("planner", &values, |(nodes, layout, kept, strangers)| {
        match plan::<&str>(&nodes, &layout, &[]) {
            Ok(full) => {
                shares_never_add_up_to_more_than_the_node(&nodes, &full)?;
                every_worker_follows_its_node_layout(&nodes, &full)?;
                ids_are_unique_and_count_cpus_from_zero(&nodes, &full)?;
                a_refresh_plans_exactly_the_missing_workers(&nodes, &full, kept, &strangers)?;
                a_plan_is_printed(&full)
            }
            Err(error) => the_error_names_what_cannot_be_planned(&nodes, &layout, &error),
        }
    });
}

fn of<'a>(node: &Node, plan: &'a Plan) -> Vec<&'a Worker> {
    // A dead node may have the id of a live one.
    let workers = plan.workers.iter().filter(|worker| worker.node_id == *node.id());
    if node.is_usable() { workers.collect() } else { Vec::new() }
}

fn shares_never_add_up_to_more_than_the_node(nodes: &[Node], plan: &Plan) -> TestCaseResult {
    let mut seen = 0;
    for node in nodes.iter().filter(|node| node.is_usable()) {
        let workers = of(node, plan);
        let node_layout = plan.layout.for_node(node);
        seen += workers.len();
        prop_assert!(!workers.is_empty());
        prop_assert!(workers.iter().all(|worker| worker.cpus >= 1));
        let cpus = workers.iter().map(|worker| worker.cpus).sum::<u32>();
        prop_assert!(cpus <= node.cpus());
        let memory = workers.iter().map(|worker| worker.memory_bytes).sum::<u64>();
        prop_assert!(memory <= node_layout.memory().of_bytes(node.memory_bytes()));
        let floor = if is_stock(&node_layout) { 1 } else { WORKER_PRIVATE_BYTES };
        prop_assert!(workers.iter().all(|worker| worker.memory_bytes >= floor));
        // Every GPU is assigned once, in order.
        let mut next_gpu = 0;
        for worker in workers.iter().filter(|worker| worker.gpus > 0) {
            prop_assert_eq!(worker.first_gpu, next_gpu);
            next_gpu += worker.gpus;
        }
        prop_assert_eq!(next_gpu, node.gpus());
        if node_layout.gpus() == Gpus::First {
            prop_assert_eq!(workers[0].gpus, node.gpus());
        }
        if let Some(most) = node.max_workers() {
            prop_assert!(workers.len() <= most.get() as usize);
        }
        match node_layout.max_workers().filter(|_| node_layout.kind() != LayoutKind::PerNode) {
            Some(max) => prop_assert!(workers.len() <= max.get() as usize),
            None => prop_assert_eq!(cpus, node.cpus()),
        }
    }
    prop_assert_eq!(seen, plan.workers.len(), "unusable nodes have none");
    Ok(())
}

/// Daft's own worker has no minimum of memory, on any node.
fn is_stock(node_layout: &NodeLayout) -> bool {
    node_layout.kind() == LayoutKind::PerNode && node_layout.memory() == MemoryFraction::WHOLE
}

fn every_worker_follows_its_node_layout(nodes: &[Node], plan: &Plan) -> TestCaseResult {
    for node in nodes {
        let node_layout = plan.layout.for_node(node);
        let workers = of(node, plan);
        for worker in &workers {
            prop_assert_eq!(&worker.node_layout, &node_layout);
            prop_assert_eq!(
                worker.threads,
                node_layout.threads().map_or(worker.cpus, |count| count.get())
            );
            let known = worker.numa.is_some_and(|id| node.numa().iter().any(|numa| numa.id == id));
            prop_assert_eq!(known, node_layout.kind() == LayoutKind::PerNuma);
            let is_stock = is_stock(&node_layout) && node_layout.threads().is_none();
            prop_assert_eq!(environment(worker).len(), if is_stock { 0 } else { 8 });
        }
        let most = node_layout.max_workers().map_or(usize::MAX, |most| most.get() as usize);
        let all = match node_layout.kind() {
            LayoutKind::PerGpu => node.gpus().max(1) as usize,
            LayoutKind::PerNuma => node.numa().len(),
            _ => continue,
        };
        if !workers.is_empty() {
            prop_assert_eq!(workers.len(), all.min(node.cpus() as usize).min(most));
        }
    }
    Ok(())
}

fn ids_are_unique_and_count_cpus_from_zero(nodes: &[Node], plan: &Plan) -> TestCaseResult {
    let ids: HashSet<_> = plan.workers.iter().map(|worker| &worker.worker_id).collect();
    prop_assert_eq!(ids.len(), plan.workers.len());
    for node in nodes {
        let mut cpu = 0;
        for worker in of(node, plan) {
            let expected = match plan.layout.for_node(node).kind() {
                LayoutKind::PerNode => node.id().to_string(),
                _ => format!("{}_cpu_{cpu}", node.id()),
            };
            prop_assert_eq!(&worker.worker_id, &expected);
            cpu += worker.cpus;
        }
    }
    Ok(())
}

/// `kept` has a bit for each worker that exists; `strangers` are made from the ids of some workers.
fn a_refresh_plans_exactly_the_missing_workers(
    nodes: &[Node],
    full: &Plan,
    kept: u64,
    strangers: &[(Index, usize)],
) -> TestCaseResult {
    let ids: Vec<_> = full.workers.iter().map(|worker| &*worker.worker_id).collect();
    let refresh = |existing: &[String]| plan(nodes, &full.layout, existing).expect("as before");
    let kept = ids.iter().enumerate().filter(|(index, _)| kept >> (index % 64) & 1 == 1);
    let mut existing: Vec<_> = kept.map(|(_, id)| (*id).to_owned()).collect();
    if !ids.is_empty() {
        existing
            .extend(strangers.iter().map(|(id, change)| CHANGES[*change](id.get::<&str>(&ids))));
    }
    existing.reverse();
    let known: HashSet<_> = existing.iter().map(String::as_str).collect();
    let missing: Vec<_> =
        full.workers.iter().filter(|worker| !known.contains(&*worker.worker_id)).collect();
    let planned = refresh(&existing).workers;
    prop_assert_eq!(planned.iter().collect::<Vec<_>>(), missing);
    existing.extend(ids.iter().map(|id| (*id).to_owned()));
    prop_assert_eq!(refresh(&existing).workers, []);
    Ok(())
}

fn a_plan_is_printed(plan: &Plan) -> TestCaseResult {
    // Printing takes longer than planning, and a few workers show everything that it prints.
    let [first, .., last] = &*plan.workers else { return Ok(()) };
    if plan.workers.len() > 3 {
        return Ok(());
    }
    prop_assert!(plan.to_string().contains("memory"));
    let json: serde_json::Value = serde_json::from_str(&plan.to_json()).expect("JSON");
    prop_assert_eq!(&json["workers"][0]["worker_id"], &first.worker_id);
    let error =
        check_created(&plan.layout, &plan.workers, &plan.workers[1..], &[]).expect_err("one less");
    let message = error.to_string();
    quotes(&message, &first.worker_id)?;
    is_sound(&message)?;
    let twice = [first.clone(), last.clone(), last.clone()];
    is_sound(&check_created(&plan.layout, &twice, &twice, &[]).expect_err("twice").to_string())
}

fn the_error_names_what_cannot_be_planned(
    nodes: &[Node],
    layout: &Layout,
    error: &Error,
) -> TestCaseResult {
    is_sound(&error.to_string())?;
    let usable =
        |id: String| nodes.iter().filter(move |node| node.is_usable() && **node.id() == id);
    match error {
        Error::DuplicateNode { id } => {
            quotes(&error.to_string(), id)?;
            prop_assert!(usable(id.clone()).count() > 1);
        }
        Error::WorkersTooSmall { node, share_bytes, remedy, .. } => {
            quotes(&error.to_string(), node)?;
            let node = usable(node.clone()).next().expect("one of the nodes");
            prop_assert!(*share_bytes < WORKER_PRIVATE_BYTES && !is_stock(&layout.for_node(node)));
            fits(node, remedy)?;
        }
        Error::TooManyWorkers { node, workers, most, remedy, .. } => {
            quotes(&error.to_string(), node)?;
            let node = usable(node.clone()).next().expect("one of the nodes");
            prop_assert!(workers > most && *workers <= node.cpus());
            // With fewer workers, memory may still be too little.
            let _ = remedy.parse::<NodeLayout>().expect("a layout");
        }
        Error::NoNumaNodes { node } => {
            quotes(&error.to_string(), node)?;
            let node = usable(node.clone()).next().expect("one of the nodes");
            prop_assert!(node.numa().is_empty());
            prop_assert_eq!(layout.for_node(node).kind(), LayoutKind::PerNuma);
        }
        Error::AmbiguousWorker { node, other } => {
            quotes(&error.to_string(), node)?;
            quotes(&error.to_string(), other)?;
            let start = format!("{other}_cpu_");
            prop_assert!(node.starts_with(&start));
        }
        other => prop_assert!(false, "{other}"),
    }
    let ids: Vec<_> = nodes.iter().map(|node| format!("{}_cpu_0", node.id())).collect();
    let refreshed = plan(nodes, layout, &ids);
    prop_assert_eq!(refreshed.as_ref(), Err(error), "whatever exists");
    Ok(())
}

fn fits(node: &Node, remedy: &str) -> TestCaseResult {
    let layout = remedy.parse().expect("a layout");
    let fixed = plan::<&str>(std::slice::from_ref(node), &layout, &[]);
    prop_assert!(fixed.is_ok(), "{remedy} for {node:?}: {fixed:?}");
    Ok(())
}
