//! What holds for every plan, over nodes and layouts of any shape.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

use std::collections::HashSet;
use std::num::NonZeroU32;

use proptest::prelude::*;
use protoplast_layout::{Gpus, Kind, Layout, Node, Worker, plan};

fn counts() -> impl Strategy<Value = NonZeroU32> {
    prop_oneof![1..9_u32, 1..=65_536_u32].prop_filter_map("not zero", NonZeroU32::new)
}

fn layouts() -> impl Strategy<Value = Layout> {
    let kinds = prop_oneof![
        Just(Kind::PerCore),
        Just(Kind::PerNode),
        counts().prop_map(Kind::CpusPerWorker),
        counts().prop_map(Kind::WorkersPerNode),
    ];
    let gpus = prop_oneof![Just(Gpus::First), Just(Gpus::Spread)];
    (kinds, proptest::option::of(counts()), gpus)
        .prop_map(|(kind, max, gpus)| Layout::new(kind).with_max_workers(max).with_gpus(gpus))
}

prop_compose! {
    fn nodes()(
        shapes in proptest::collection::vec(
            (any::<bool>(), 0.0..40.0_f64, 0.0..9.0_f64, prop_oneof![Just(0.0), 1e6..1e12_f64]),
            0..8,
        ),
    ) -> Vec<Node> {
        shapes
            .into_iter()
            .enumerate()
            .map(|(index, (alive, cpus, gpus, memory))| {
                // Some ids end as the id of a worker does.
                let id = if index % 3 == 0 { format!("node{index}_cpu_1") } else { format!("node{index}") };
                Node::new(&id, alive, index == 0, cpus, gpus, memory).expect("valid node")
            })
            .collect()
    }
}

fn of<'a>(node: &Node, workers: &'a [Worker]) -> Vec<&'a Worker> {
    workers.iter().filter(|worker| worker.node_id == *node.id()).collect()
}

proptest! {
    #[test]
    fn shares_never_add_up_to_more_than_the_node(nodes in nodes(), layout in layouts()) {
        let plan = plan::<&str>(&nodes, layout, &[]).expect("plan");
        for node in &nodes {
            let workers = of(node, &plan.workers);
            if !node.is_usable() {
                prop_assert!(workers.is_empty());
                continue;
            }
            prop_assert!(!workers.is_empty());
            prop_assert!(workers.iter().all(|worker| worker.cpus >= 1 && worker.memory_bytes >= 1));
            prop_assert!(workers.iter().map(|worker| worker.cpus).sum::<u32>() <= node.cpus());
            prop_assert!(workers.iter().map(|worker| worker.memory_bytes).sum::<u64>() <= node.memory_bytes());
            // Every GPU is given out once, in order.
            let mut next_gpu = 0;
            for worker in workers.iter().filter(|worker| worker.gpus > 0) {
                prop_assert_eq!(worker.first_gpu, next_gpu);
                next_gpu += worker.gpus;
            }
            prop_assert_eq!(next_gpu, node.gpus());
            if layout.gpus() == Gpus::First {
                prop_assert_eq!(workers[0].gpus, node.gpus());
            }
            if let Some(max) = layout.max_workers() {
                prop_assert!(workers.len() <= max.get() as usize);
            } else {
                prop_assert_eq!(workers.iter().map(|worker| worker.cpus).sum::<u32>(), node.cpus());
            }
        }
    }

    #[test]
    fn ids_are_unique_and_count_cpus_from_zero(nodes in nodes(), layout in layouts()) {
        let plan = plan::<&str>(&nodes, layout, &[]).expect("plan");
        let ids: HashSet<_> = plan.workers.iter().map(|worker| &worker.worker_id).collect();
        prop_assert_eq!(ids.len(), plan.workers.len());
        for node in &nodes {
            let mut cpu = 0;
            for worker in of(node, &plan.workers) {
                let expected = match layout.kind() {
                    Kind::PerNode => node.id().to_string(),
                    _ => format!("{}_cpu_{cpu}", node.id()),
                };
                prop_assert_eq!(&worker.worker_id, &expected);
                cpu += worker.cpus;
            }
        }
    }

    #[test]
    fn a_refresh_plans_exactly_what_is_missing(
        nodes in nodes(),
        layout in layouts(),
        seed in any::<u64>(),
        strangers in proptest::collection::vec("(node[0-8])?(_cpu_)?[0-9a-z]{0,3}", 0..6),
    ) {
        let all = plan::<&str>(&nodes, layout, &[]).expect("plan").workers;
        let mut existing: Vec<String> = all
            .iter()
            .enumerate()
            .filter(|(index, _)| seed >> (index % 64) & 1 == 1)
            .map(|(_, worker)| worker.worker_id.clone())
            .collect();
        existing.extend(strangers);
        existing.reverse();
        let known: HashSet<_> = existing.iter().cloned().collect();
        let expected: Vec<_> = all.into_iter().filter(|worker| !known.contains(&worker.worker_id)).collect();
        prop_assert_eq!(plan(&nodes, layout, &existing).expect("plan").workers, expected);
    }

    #[test]
    fn layouts_are_printed_back(layout in layouts()) {
        prop_assert_eq!(layout.to_string().parse::<Layout>(), Ok(layout));
    }

    #[test]
    fn any_text_is_a_layout_or_an_error(text in "[a-z0-9=,. -]{0,40}|\\PC{0,40}") {
        match text.parse::<Layout>() {
            Ok(layout) => prop_assert_eq!(layout.to_string().parse::<Layout>(), Ok(layout)),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn any_figures_are_a_node_or_an_error(
        id in "\\PC{0,10}", alive in any::<bool>(),
        cpus in any::<f64>(), gpus in any::<f64>(), memory in any::<f64>(), layout in layouts(),
    ) {
        if let Ok(node) = Node::new(&id, alive, false, cpus, gpus, memory) {
            let _ = plan::<&str>(&[node], layout, &[]);
        }
    }
}
