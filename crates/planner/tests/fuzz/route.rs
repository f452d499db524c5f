//! The layout of any query on any cluster.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use protoplast_planner::{
    Layout, LayoutKind, Node, NodeLayout, QueryProfile, ResourceRequest, plan, route,
};

use crate::cases::hold;
use crate::clusters::clusters;
use crate::layouts::layouts;
use crate::messages::is_sound;

/// How much memory a task asks for.
#[derive(Debug, Clone)]
enum Memory {
    Bytes(u64),
    /// As much as the share of some CPUs of a node, and this many bytes more or less.
    Share(Index, u32, i64),
}

fn memory() -> impl Strategy<Value = Memory> {
    prop_oneof![
        4 => Just(Memory::Bytes(0)),
        1 => prop_oneof![0..1_u64 << 40, Just(u64::MAX)].prop_map(Memory::Bytes),
        3 => (any::<Index>(), 1..20_u32, -1..=1_i64)
            .prop_map(|(node, cpus, more)| Memory::Share(node, cpus, more)),
    ]
}

impl Memory {
    fn bytes(&self, nodes: &[Node]) -> u64 {
        match self {
            Self::Bytes(bytes) => *bytes,
            Self::Share(..) if nodes.is_empty() => 0,
            Self::Share(node, cpus, more) => {
                let node = node.get(nodes);
                let share = u128::from(node.memory_bytes()) * u128::from(*cpus)
                    / u128::from(node.cpus().max(1));
                u64::try_from(share).unwrap_or(u64::MAX).saturating_add_signed(*more)
            }
        }
    }
}

fn amounts() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => Just(0.0),
        6 => (0..12_u32).prop_map(f64::from),
        3 => 0.0..12.0_f64,
        1 => proptest::sample::select(vec![0.1, -0.0, 1e-300, 1e300, 64.0, 65_536.0, 65_537.0]),
    ]
}

type Asks = (f64, f64, Memory, String);

fn asks() -> impl Strategy<Value = Vec<Asks>> {
    let name = prop_oneof![3 => Just("udf".to_owned()), 1 => "(?s).{0,9}"];
    proptest::collection::vec((amounts(), amounts(), memory(), name), 0..4)
}

fn profile(asks: &[Asks], nodes: &[Node]) -> QueryProfile {
    let request = |(cpus, gpus, memory, operator): &Asks| ResourceRequest {
        operator: operator.clone(),
        cpus: *cpus,
        gpus: *gpus,
        memory_bytes: memory.bytes(nodes),
    };
    QueryProfile { requests: asks.iter().map(request).collect(), ..QueryProfile::default() }
}

#[test]
fn every_task_has_a_worker_or_fails() {
    hold("route", &(clusters(), layouts(), asks()), |(nodes, asked, asks)| {
        let profile = profile(&asks, &nodes);
        warns_of_another_layout(&profile, &asked, &nodes)?;
        match route(&profile, &asked, &nodes) {
            Ok(route) if route.fits_no_node.is_none() => {
                every_task_has_a_worker(&profile, &route.layout, &nodes)
            }
            Ok(_) => {
                let usable = || nodes.iter().filter(|node| node.is_usable());
                let fits_none = |request: &ResourceRequest| {
                    !usable().any(|node| holds(node.cpus(), node.gpus(), request))
                };
                prop_assert!(profile.requests.iter().any(fits_none));
                Ok(())
            }
            Err(error) => {
                prop_assert_eq!(plan::<&str>(&nodes, &asked, &[]), Err(error));
                Ok(())
            }
        }
    });
}

#[test]
fn senseless_requests_are_routed() {
    let values = (clusters(), layouts(), any::<[f64; 2]>(), any::<u64>());
    hold("route of any figures", &values, |(nodes, asked, amounts, memory_bytes)| {
        let [cpus, gpus] = amounts;
        let request = ResourceRequest { operator: String::new(), cpus, gpus, memory_bytes };
        let profile = QueryProfile { requests: vec![request], ..QueryProfile::default() };
        warns_of_another_layout(&profile, &asked, &nodes)
    });
}

/// The requested layout comes without a warning, another layout with one.
fn warns_of_another_layout(
    profile: &QueryProfile,
    asked: &Layout,
    nodes: &[Node],
) -> TestCaseResult {
    match route(profile, asked, nodes) {
        Ok(route) => {
            prop_assert_eq!(route.warning.is_none(), route.layout == *asked);
            let Some(warning) = route.warning else { return Ok(()) };
            prop_assert!(warning.contains(&format!("'{}'", route.layout)), "{warning}");
            is_sound(&warning)
        }
        Err(error) => is_sound(&error.to_string()),
    }
}

/// Stock Daft runs a task that asks for more GPUs than there are on those that there are.
fn holds(cpus: u32, gpus: u32, request: &ResourceRequest) -> bool {
    f64::from(cpus) >= request.cpus && (request.gpus == 0.0 || gpus > 0)
}

fn every_task_has_a_worker(
    profile: &QueryProfile,
    layout: &Layout,
    nodes: &[Node],
) -> TestCaseResult {
    let usable: Vec<_> = nodes.iter().filter(|node| node.is_usable()).collect();
    // Workers that cannot be planned fail with an error of their own.
    let Ok(plan) = plan::<&str>(nodes, layout, &[]) else { return Ok(()) };
    for request in profile.requests.iter().filter(|_| !usable.is_empty()) {
        let fits = |memory: u64, cpus: u32, gpus: u32| {
            memory >= request.memory_bytes && holds(cpus, gpus, request)
        };
        // A request for more memory than any node has is left to Daft, which refuses it.
        let has_memory =
            usable.iter().any(|node| fits(node.memory_bytes(), node.cpus(), node.gpus()));
        let has_worker = plan.workers.iter().any(|worker| {
            let memory = if has_memory { worker.memory_bytes } else { u64::MAX };
            fits(memory, worker.cpus, worker.gpus)
        });
        prop_assert!(has_worker, "{request:?} under '{layout}'");
        // Daft checks the CPUs, and whether there is a GPU.
        for worker in plan.workers.iter().filter(|worker| holds(worker.cpus, worker.gpus, request))
        {
            let mut of_id = usable.iter().filter(|node| *node.id() == worker.node_id);
            let Some(node) = of_id.next() else { continue };
            // Daft's own worker has what it has on stock Daft.
            let has_memory = worker.memory_bytes >= request.memory_bytes
                || worker.node_layout.clone().with_keep(None)
                    == NodeLayout::new(LayoutKind::PerNode);
            let has_gpus = f64::from(worker.gpus) >= request.gpus.min(node.gpus().into());
            prop_assert!(has_memory && has_gpus, "{request:?} on {worker:?} under '{layout}'");
        }
    }
    Ok(())
}
