//! Layouts of any kind, with any options, for all nodes or by rules.

use proptest::prelude::*;
use proptest::sample::select;
use protoplast_planner::{
    ClassNames, Gpus, KeepTime, Layout, LayoutKind, MemoryFraction, NodeLayout, OneWorker, Pin,
    PinTo, Rule, Selector, Startup,
};

use crate::clusters::{ADDRESSES, IDS, LABEL_VALUES, LABELS, RESOURCES, counts};

pub fn node_layouts() -> impl Strategy<Value = NodeLayout> {
    let kinds = prop_oneof![
        Just(LayoutKind::PerCore),
        Just(LayoutKind::Auto),
        Just(LayoutKind::PerNode),
        Just(LayoutKind::PerNuma),
        Just(LayoutKind::PerGpu),
        counts().prop_map(LayoutKind::CpusPerWorker),
        counts().prop_map(LayoutKind::WorkersPerNode),
    ];
    let gpus = prop_oneof![Just(Gpus::First), Just(Gpus::Spread)];
    let count = || proptest::option::of(counts());
    let startup = prop_oneof![Just(Startup::Eager), Just(Startup::Progressive)];
    let split = proptest::bool::ANY;
    (kinds, count(), gpus, parts(), count(), pins(), startup, split, kept()).prop_map(
        |(kind, max, gpus, memory, threads, pin, startup, split, (keep, one_copy, one_worker))| {
            NodeLayout::new(kind)
                .with_max_workers(max)
                .with_gpus(gpus)
                .with_memory(memory)
                .with_threads(threads)
                .with_pin(pin)
                .with_startup(startup)
                .with_split(split)
                .with_keep(keep)
                .with_one_copy(one_copy)
                .with_one_worker(one_worker)
        },
    )
}

fn parts() -> impl Strategy<Value = MemoryFraction> {
    let millionths =
        prop_oneof![3 => Just(1_000_000), 2 => 500_000..1_000_000_u32, 1 => 1..1_000_000_u32];
    millionths.prop_map(|millionths| {
        MemoryFraction::of_float(f64::from(millionths) / 1e6).expect("a part of a million")
    })
}

fn pins() -> impl Strategy<Value = Option<Pin>> {
    let to = prop_oneof![Just(PinTo::Core), Just(PinTo::Numa)];
    let pin = (to, any::<bool>()).prop_map(|(to, fallback)| Pin { to, fallback });
    proptest::option::of(pin)
}

/// What is said of class UDFs and of queries on one worker.
fn kept() -> impl Strategy<Value = (Option<KeepTime>, Option<ClassNames>, OneWorker)> {
    (keeps(), one_copies(), one_workers())
}

fn one_workers() -> impl Strategy<Value = OneWorker> {
    prop_oneof![
        Just(OneWorker::Auto),
        Just(OneWorker::Never),
        (1..1_u64 << 50).prop_map(|kib| OneWorker::UpTo(kib << 10)),
    ]
}

fn one_copies() -> impl Strategy<Value = Option<ClassNames>> {
    let name = prop_oneof!["[A-Za-z_é]{1,4}", "m\\.(<locals>\\.)?[A-Z]{1,4}"];
    let names = proptest::collection::vec(name, 1..4);
    proptest::option::of(names.prop_map(|names| ClassNames::read(&names.join("|")).expect("names")))
}

fn keeps() -> impl Strategy<Value = Option<KeepTime>> {
    let seconds = prop_oneof![3 => select(vec![1, 60, 600, 3600, 86_400]), 1 => 1..=86_400_u32];
    let keep = seconds.prop_map(|seconds| KeepTime::read(&format!("{seconds}s")).expect("a time"));
    proptest::option::of(keep)
}

pub fn selectors() -> impl Strategy<Value = Selector> {
    let text = prop_oneof![
        2 => Just("*".to_owned()),
        2 => select(&IDS[..]).prop_map(|id| format!("id={id}")),
        1 => select(&ADDRESSES[..]).prop_map(|address| format!("address={address}")),
        1 => select(&RESOURCES[..]).prop_map(|name| format!("resource={name}")),
        1 => select(&LABELS[..]).prop_map(|key| format!("label={key}")),
        1 => (select(&LABELS[..]), select(&LABEL_VALUES[..]))
            .prop_map(|(key, value)| format!("label={key}:{value}")),
        1 => "(id|address|resource|label)=(?s).{1,9}",
    ];
    text.prop_filter_map("no selector", |text| text.parse().ok())
}

pub fn layouts() -> impl Strategy<Value = Layout> {
    let rule = (selectors(), node_layouts())
        .prop_map(|(selector, node_layout)| Rule { selector, node_layout });
    let rules = proptest::collection::vec(rule, 1..5);
    prop_oneof![
        3 => node_layouts().prop_map(Layout::from),
        2 => rules.prop_map(|rules| Layout::by_node(rules).expect("not empty")),
    ]
}
