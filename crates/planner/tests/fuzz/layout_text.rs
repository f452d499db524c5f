//! The text of a layout.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use protoplast_planner::{Error, Layout, MAX_COUNT, MemoryFraction, NodeLayout, Selector};

use crate::cases::hold;
use crate::layouts::{layouts, node_layouts, selectors};
use crate::messages::{is_sound, quotes};

const KINDS: [&str; 11] = [
    "auto",
    "per-numa",
    "per-gpu",
    "per-core",
    "per-node",
    "cpus-per-worker",
    "workers-per-node",
    "cpus-per-worker=4",
    "workers-per-node=65536",
    "Per-Core",
    "per-core per-node",
];

const OPTIONS: [&str; 22] = [
    "memory",
    "memory=0.9",
    "threads",
    "threads=2",
    "pin",
    "pin=core",
    "pin-fallback",
    "pin-fallback=true",
    "max-workers",
    "gpus",
    "max-workers=3",
    "gpus=spread",
    "max-worker",
    "keep",
    "keep=10min",
    "one-copy",
    "one-copy=m.Model|f",
    "one-worker=never",
    "one-worker=4GiB",
    "per-core",
    "",
    "gpus\u{a0}",
];

const SELECTORS: [&str; 10] = [
    "*",
    "id=a",
    "address=10.0.0.1",
    "resource=GPU",
    "label=zone",
    "label=zone:a:b",
    "label=:a",
    "id",
    "all",
    "",
];

const VALUES: [&str; 40] = [
    "core",
    "numa",
    "true",
    "1.0",
    "0.000001",
    "0.0000001",
    ".5",
    "1",
    "4",
    "65536",
    "65537",
    "0",
    "00",
    "007",
    "-0",
    "-1",
    "+4",
    "++4",
    "4.0",
    "1e3",
    "0x10",
    "1_000",
    "4 4",
    "٤",
    "４",
    "99999999999999999999",
    "",
    "1h",
    "A",
    "A|B.<locals>",
    "A||B",
    "A.",
    "0min",
    "25h",
    "4294967297s",
    "first",
    "spread",
    "Spread",
    "first,first",
    "=",
];

const SPACES: [&str; 6] = ["", " ", "\t", "\n", "\u{a0}", "\u{2028}"];

fn space() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just(""), 1 => proptest::sample::select(&SPACES[..])]
}

/// A keyword of a layout, or almost one.
fn words(known: &'static [&'static str]) -> impl Strategy<Value = String> {
    let name = prop_oneof![
        12 => proptest::sample::select(known).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ];
    let value = prop_oneof![
        10 => Just(None),
        8 => proptest::sample::select(&VALUES[..]).prop_map(|value| Some(value.to_owned())),
        1 => "(?s).{0,8}".prop_map(Some),
        1 => "[0-9]{1,30}".prop_map(Some),
    ];
    (space(), name, space(), value, space()).prop_map(|(before, name, between, value, after)| {
        match value {
            Some(value) => format!("{before}{name}{between}={after}{value}{between}"),
            None => format!("{before}{name}{after}"),
        }
    })
}

fn cut_texts() -> impl Strategy<Value = String> {
    let options = proptest::collection::vec(words(&OPTIONS), 0..4);
    (words(&KINDS), options).prop_map(|(kind, options)| [vec![kind], options].concat().join(","))
}

fn rule_texts() -> impl Strategy<Value = String> {
    let selector = prop_oneof![
        6 => proptest::sample::select(&SELECTORS[..]).prop_map(str::to_owned),
        1 => "(id|label|resource)=(?s).{0,8}",
        1 => "(?s).{0,8}",
    ];
    let arrow = prop_oneof![6 => Just("->"), 1 => Just("-> * ->"), 1 => Just("=>")];
    (space(), selector, space(), arrow, cut_texts()).prop_map(
        |(before, selector, after, arrow, node_layout)| {
            format!("{before}{selector}{after}{arrow}{node_layout}")
        },
    )
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => cut_texts(),
        6 => proptest::collection::vec(rule_texts(), 1..4).prop_map(|rules| rules.join(";")),
        1 => "[a-z0-9=;> .*-]{0,40}",
        1 => "[a-z0-9=,. -]{0,40}",
        1 => "(?s).{0,40}",
        1 => proptest::collection::vec(any::<char>(), 0..40)
            .prop_map(|letters| letters.into_iter().collect::<String>()),
    ]
}

#[test]
fn any_text_is_a_layout_or_an_error() {
    hold("layout text", &texts(), |text| read(&text));
}

#[test]
fn long_text_is_not_repeated_in_full() {
    let node_layout = |length: usize| "x".repeat(length) + &"\n\u{7f}".repeat(length);
    for text in [node_layout(500_000), format!("per-core,{0}={0}", node_layout(250_000))] {
        read(&text).expect("a short message");
    }
    for start in [
        "per-core=",
        "cpus-per-worker=",
        "per-core,max-workers=",
        "per-core,gpus=",
        "per-core,memory=",
        "per-core,pin=",
        "per-core;id=",
        "id -> ",
        "* -> * -> ",
    ] {
        read(&(start.to_owned() + &"1".repeat(1_000_000))).expect("a short message");
    }
}

fn read(text: &str) -> TestCaseResult {
    match text.parse::<Layout>() {
        Ok(layout) => {
            prop_assert_eq!(layout.to_string().parse(), Ok(layout));
        }
        Err(error) => {
            let message = error.to_string();
            is_sound(&message)?;
            if let Error::BadCount { given, .. } = &error {
                let count = given.parse::<u32>();
                prop_assert!(!count.is_ok_and(|count| (1..=MAX_COUNT).contains(&count)));
            }
            match &error {
                Error::EmptyLayout => {
                    prop_assert!(message.contains("is empty"));
                    let node_layouts =
                        text.split(';').map(|rule| rule.rsplit("->").next().unwrap_or(""));
                    let mut kinds = node_layouts
                        .map(|node_layout| node_layout.split(',').next().map(str::trim));
                    prop_assert!(kinds.any(|kind| kind == Some("")));
                }
                Error::UnknownKind { given }
                | Error::UnexpectedValue { given, .. }
                | Error::BadCount { given, .. }
                | Error::BadGpus { given }
                | Error::BadMemory { given }
                | Error::BadPin { given }
                | Error::BadKeep { given }
                | Error::BadOneCopy { given }
                | Error::BadOneWorker { given }
                | Error::BadFlag { given, .. }
                | Error::BadRule { given }
                | Error::BadSelector { given }
                | Error::NestedRules { text: given }
                | Error::UnknownOption { given, .. }
                | Error::RepeatedOption { option: given, .. } => {
                    prop_assert!(text.contains(given));
                    quotes(&message, given)?;
                }
                Error::OneCopyNeedsAuto => prop_assert!(text.contains("one-copy")),
                Error::OneWorkerNeedsNode => prop_assert!(text.contains("one-worker")),
                Error::PerGpuSpreads => prop_assert!(text.contains("gpus")),
                Error::FallbackWithoutPin => prop_assert!(text.contains("pin-fallback")),
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
    Ok(())
}

#[test]
fn layouts_are_printed_back() {
    hold("layout", &layouts(), |layout| {
        prop_assert_eq!(layout.to_string().parse::<Layout>(), Ok(layout));
        Ok(())
    });
}

#[test]
fn selectors_are_printed_back() {
    hold("selector", &selectors(), |selector| {
        prop_assert_eq!(selector.to_string().parse::<Selector>(), Ok(selector));
        Ok(())
    });
}

#[test]
fn fractions_are_read_as_floats_are() {
    let texts = prop_oneof!["0\\.[0-9]{1,8}", "[01]\\.0{1,6}", "[0-9.]{1,4}"];
    hold("part", &texts, |text| {
        let part = MemoryFraction::read(&text);
        if let Ok(part) = &part {
            prop_assert_eq!(MemoryFraction::read(&part.to_string()), Ok(*part));
            prop_assert_eq!(MemoryFraction::of_float(text.parse().expect("a decimal")), Ok(*part));
        }
        Ok(())
    });
}

#[test]
fn the_order_of_options_does_not_matter() {
    let values = (node_layouts(), any::<bool>(), space(), space());
    hold("node layout", &values, |(node_layout, turned, before, after)| {
        let printed = node_layout.to_string();
        prop_assert_eq!(printed.parse::<NodeLayout>(), Ok(node_layout.clone()));
        // Neither the order of the options nor spaces around a keyword matter.
        let mut words: Vec<_> = printed.split(',').collect();
        if turned {
            words[1..].reverse();
        }
        let words: Vec<_> = words
            .iter()
            .map(|word| {
                format!("{before}{}{after}", word.replace('=', &format!("{after}={before}")))
            })
            .collect();
        prop_assert_eq!(words.join(",").parse::<NodeLayout>(), Ok(node_layout));
        Ok(())
    });
}
