//! Clusters of any shape, for the planner and for routing.

use std::num::NonZeroU32;

use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use protoplast_planner::{Node, NodeRecord, Numa};

/// Ids that can be mistaken for those of workers, that begin with one another, or that break a line.
pub const IDS: [&str; 23] = [
    "a",
    "a_cpu_1",
    "a_cpu_1_cpu_1",
    "a_cpu_",
    "a_cpu",
    "aa",
    "A",
    "a ",
    "a1",
    "a_cpu_01",
    "a_cpu_+1",
    "_cpu_",
    "_cpu_3",
    "_cpu_0_cpu_0",
    "0",
    "00",
    "a_cpu_99999999999",
    "é",
    "é_cpu_3",
    "名_cpu_3",
    "a\nb",
    "\u{2028}",
    "\u{0}",
];

pub fn counts() -> impl Strategy<Value = NonZeroU32> {
    prop_oneof![3 => 1..9_u32, 1 => 1..=65_536_u32].prop_filter_map("zero", NonZeroU32::new)
}

fn cpus() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (1..9_u32).prop_map(f64::from),
        3 => 0.0..20.0_f64,
        1 => prop_oneof![Just(-0.0), Just(0.999), Just(64.0)],
    ]
}

fn gpus() -> impl Strategy<Value = f64> {
    prop_oneof![4 => Just(0.0), 3 => (0..9_u32).prop_map(f64::from), 1 => 0.0..9.0_f64]
}

fn memory() -> impl Strategy<Value = f64> {
    const EIB: f64 = (1_u64 << 60) as f64;
    prop_oneof![
        6 => 1e8..1e12_f64,
        1 => 1e6..1e9_f64,
        1 => 0.0..40.0_f64,
        1 => Just(0.0),
        1 => 1e15..=EIB,
        1 => Just(EIB),
    ]
}

/// One node as it may be in a cluster, without its id.
#[derive(Debug, Clone)]
struct Shape {
    alive: bool,
    cpus: f64,
    gpus: f64,
    memory: f64,
    facts: Facts,
}

/// What the selectors of `layouts` ask of a node.
#[derive(Debug, Clone)]
struct Facts {
    address: Option<&'static str>,
    resources: Vec<&'static str>,
    labels: Vec<(&'static str, &'static str)>,
    numa: Vec<Numa>,
    max_workers: Option<NonZeroU32>,
}

pub const ADDRESSES: [&str; 3] = ["10.0.0.1", "fe80::1", "é"];
pub const RESOURCES: [&str; 3] = ["GPU", "fast disk", "a=b"];
pub const LABELS: [&str; 3] = ["zone", "ray.io/group", "é"];
pub const LABEL_VALUES: [&str; 3] = ["a", "a:b", ""];

fn facts() -> impl Strategy<Value = Facts> {
    let address = proptest::option::of(select(&ADDRESSES[..]));
    let resources = subsequence(RESOURCES.to_vec(), 0..=3);
    let labels = proptest::collection::vec((select(&LABELS[..]), select(&LABEL_VALUES[..])), 0..3);
    let cpus = prop_oneof![4 => 1..65_u32, 1 => Just(0), 1 => any::<u32>()];
    let one = (0..9_u32, cpus, any::<u64>());
    let numa = proptest::collection::vec(one, 0..6).prop_map(|all| {
        let one = |(id, cpus, memory_bytes)| Numa { id, cpus, memory_bytes };
        all.into_iter().map(one).collect()
    });
    let max_workers = proptest::option::weighted(0.1, counts());
    (address, resources, labels, numa, max_workers).prop_map(
        |(address, resources, labels, numa, max_workers)| Facts {
            address,
            resources,
            labels,
            numa,
            max_workers,
        },
    )
}

impl Facts {
    fn add_to(self, mut record: NodeRecord) -> NodeRecord {
        for name in self.resources {
            record.resources.entry(name.to_owned()).or_insert(1.0);
        }
        let labels = self.labels.into_iter();
        NodeRecord {
            address: self.address.map(str::to_owned),
            max_workers: self.max_workers,
            labels: labels.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            numa: self.numa,
            ..record
        }
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    (proptest::bool::weighted(0.9), cpus(), gpus(), memory(), facts())
        .prop_map(|(alive, cpus, gpus, memory, facts)| Shape { alive, cpus, gpus, memory, facts })
}

/// Up to 20 nodes. Rarely, a node has as much as a node can have, or the id of another.
pub fn clusters() -> impl Strategy<Value = Vec<Node>> {
    let rare = |chance| proptest::option::weighted(chance, any::<Index>());
    let shapes = prop_oneof![
        3 => proptest::collection::vec(shapes(), 0..5),
        1 => proptest::collection::vec(shapes(), 5..=20),
    ];
    (shapes, 0..IDS.len(), any::<bool>(), rare(0.005), rare(0.03)).prop_map(
        |(mut shapes, first, plain, huge, twin)| {
            if let Some(index) = huge.filter(|_| !shapes.is_empty()) {
                let shape = index.get_mut(&mut shapes);
                (shape.cpus, shape.gpus) = (65_536.0, 65_536.0);
            }
            let twin = twin.map(|index| index.index(shapes.len() + 1));
            let id = |place: usize| match plain {
                true => format!("node{place}"),
                false => IDS[(first + place) % IDS.len()].to_owned(),
            };
            let node = |(place, shape): (usize, Shape)| {
                let id = if twin == Some(place) { id(0) } else { id(place) };
                let Shape { alive, cpus, gpus, memory, facts } = shape;
                let record = NodeRecord { alive, ..NodeRecord::new(&id, cpus, gpus, memory) };
                Node::try_from(facts.add_to(record)).expect("valid node")
            };
            shapes.into_iter().enumerate().map(node).collect()
        },
    )
}
