//! Plans for clusters of different nodes under every kind of layout.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

use protoplast_planner::{
    Layout, LayoutKind, Node, NodeRecord, Numa, WORKER_PRIVATE_BYTES, Worker, plan,
};

const GIB: u64 = 1 << 30;
const CPUS: [u32; 6] = [1, 2, 7, 16, 64, 128];

const LAYOUTS: [&str; 10] = [
    "per-core",
    "per-node",
    "per-numa",
    "per-gpu",
    "cpus-per-worker=4",
    "workers-per-node=8",
    "per-core,max-workers=12,memory=0.8",
    "per-numa,gpus=spread",
    "resource=GPU -> per-gpu; label=memory:large -> per-numa; * -> per-core,memory=0.9",
    "id=c7g0m1 -> per-node",
];

/// Nodes of each size, with and without GPUs, with 1 and with 16 GiB per CPU. The name of a node lists all
/// three.
fn cluster() -> Vec<Node> {
    let mut nodes = Vec::new();
    for cpus in CPUS {
        for gpus in [0, 1, 8] {
            for gib in [1, 16] {
                nodes.push(node(cpus, gpus, gib));
            }
        }
    }
    nodes
}

fn node(cpus: u32, gpus: u32, gib: u32) -> Node {
    let id = format!("c{cpus}g{gpus}m{gib}");
    let memory_bytes = u64::from(gib) * u64::from(cpus) * GIB;
    let record = NodeRecord::new(&id, cpus.into(), gpus.into(), memory_bytes as f64);
    // From 16 CPUs on a node has two sockets; a container may have the first and a part of the second.
    let numa = match cpus {
        64 => vec![48, 16],
        16 | 128 => vec![cpus / 2; 2],
        _ => vec![cpus],
    };
    let numa = (0..).zip(numa).map(|(id, cpus)| Numa { id, cpus, memory_bytes: memory_bytes / 2 });
    let size = if gib == 16 { "large" } else { "small" };
    let labels = [("memory".to_owned(), size.to_owned())].into();
    Node::try_from(NodeRecord { labels, numa: numa.collect(), ..record }).expect("valid node")
}

fn shape(layout: &str, node: Node) -> Vec<(u32, u32, Option<u32>)> {
    let layout = layout.parse().expect(layout);
    let workers = plan::<&str>(&[node], &layout, &[]).expect("a plan").workers;
    workers.iter().map(|worker| (worker.cpus, worker.gpus, worker.numa)).collect()
}

#[test]
fn every_node_is_divided_within_its_resources() {
    let nodes = cluster();
    for text in LAYOUTS {
        let layout: Layout = text.parse().expect(text);
        let plan = plan::<&str>(&nodes, &layout, &[]).expect(text);
        for node in &nodes {
            let workers: Vec<&Worker> =
                plan.workers.iter().filter(|worker| worker.node_id == *node.id()).collect();
            let what = format!("{} under '{text}'", node.id());
            let node_layout = layout.for_node(node);
            let cpus: u32 = workers.iter().map(|worker| worker.cpus).sum();
            let gpus: u32 = workers.iter().map(|worker| worker.gpus).sum();
            let memory_bytes: u64 = workers.iter().map(|worker| worker.memory_bytes).sum();
            let given_out = node_layout.memory().of_bytes(node.memory_bytes());
            assert_eq!(
                cpus,
                node_layout.max_workers().map_or(node.cpus(), |most| most.get().min(node.cpus())),
                "{what}"
            );
            assert_eq!(gpus, node.gpus(), "{what}");
            // Rounding down may lose one byte per worker.
            assert!(
                (given_out - workers.len() as u64..=given_out).contains(&memory_bytes),
                "{what}"
            );
            assert!(
                workers.iter().all(|worker| worker.memory_bytes >= WORKER_PRIVATE_BYTES),
                "{what}"
            );
            let mut first_cpu = 0;
            for worker in workers {
                let id = match node_layout.kind() {
                    LayoutKind::PerNode => node.id().to_string(),
                    _ => format!("{}_cpu_{first_cpu}", node.id()),
                };
                assert_eq!(worker.worker_id, id, "{what}");
                first_cpu += worker.cpus;
            }
        }
    }
}

#[test]
fn per_gpu_gives_each_worker_its_own_gpu() {
    assert_eq!(shape("per-gpu", node(16, 8, 1)), [(2, 1, None); 8]);
    assert_eq!(shape("per-gpu", node(7, 8, 1))[0], (1, 2, None));
    assert_eq!(shape("per-gpu", node(7, 8, 1))[1..], [(1, 1, None); 6]);
    assert_eq!(shape("per-gpu", node(1, 8, 1)), [(1, 8, None)]);
    assert_eq!(shape("per-gpu", node(64, 0, 1)), [(64, 0, None)]);
    assert_eq!(shape("per-gpu,max-workers=4", node(16, 8, 1)), [(4, 2, None); 4]);
}

#[test]
fn per_numa_follows_the_sockets() {
    assert_eq!(shape("per-numa", node(128, 8, 1)), [(64, 8, Some(0)), (64, 0, Some(1))]);
    assert_eq!(shape("per-numa", node(64, 0, 1)), [(48, 0, Some(0)), (16, 0, Some(1))]);
    assert_eq!(shape("per-numa,gpus=spread", node(16, 8, 1)), [(8, 4, Some(0)), (8, 4, Some(1))]);
    assert_eq!(shape("per-numa,max-workers=1", node(64, 0, 1)), [(48, 0, Some(0))]);
    assert_eq!(shape("per-numa", node(7, 0, 1)), [(7, 0, Some(0))]);
}

#[test]
fn rules_select_different_nodes() {
    let text = LAYOUTS[8];
    assert_eq!(shape(text, node(16, 1, 16)), [(16, 1, None)]);
    assert_eq!(shape(text, node(64, 0, 16)), [(48, 0, Some(0)), (16, 0, Some(1))]);
    assert_eq!(shape(text, node(7, 0, 1)), [(1, 0, None); 7]);
    assert_eq!(shape(LAYOUTS[9], node(128, 0, 1)), [(128, 0, None)]);
}

#[test]
fn a_refresh_of_a_mixed_cluster_plans_the_missing_workers() {
    let nodes = cluster();
    let layout: Layout = "resource=GPU -> per-gpu; label=memory:large -> per-node; * -> per-core"
        .parse()
        .expect("valid");
    let all = plan::<&str>(&nodes, &layout, &[]).expect("a plan").workers;
    let (missing, there): (Vec<_>, Vec<_>) =
        all.into_iter().enumerate().partition(|(index, _)| index % 3 == 0);
    let ids: Vec<String> = there.into_iter().map(|(_, worker)| worker.worker_id).collect();
    let missing: Vec<Worker> = missing.into_iter().map(|(_, worker)| worker).collect();
    assert_eq!(plan(&nodes, &layout, &ids).expect("a plan").workers, missing);
}
