//! The text of a layout.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use protoplast_layout::{Error, Layout, MAX_COUNT};

use crate::cases::hold;
use crate::clusters::layouts;
use crate::messages::{is_sound, quotes};

const KINDS: [&str; 8] = [
    "per-core",
    "per-node",
    "cpus-per-worker",
    "workers-per-node",
    "cpus-per-worker=4",
    "workers-per-node=65536",
    "Per-Core",
    "per-core per-node",
];

const OPTIONS: [&str; 8] = [
    "max-workers",
    "gpus",
    "max-workers=3",
    "gpus=spread",
    "max-worker",
    "per-core",
    "",
    "gpus\u{a0}",
];

const VALUES: [&str; 25] = [
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

/// A word of a layout, or almost one.
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

fn texts() -> impl Strategy<Value = String> {
    let options = proptest::collection::vec(words(&OPTIONS), 0..4);
    prop_oneof![
        8 => (words(&KINDS), options).prop_map(|(kind, options)| {
            [vec![kind], options].concat().join(",")
        }),
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
    let cut = |length: usize| "x".repeat(length) + &"\n\u{7f}".repeat(length);
    for text in [cut(500_000), format!("per-core,{0}={0}", cut(250_000))] {
        read(&text).expect("a short message");
    }
    for start in ["per-core=", "cpus-per-worker=", "per-core,max-workers=", "per-core,gpus="] {
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
                    prop_assert_eq!(text.split(',').next().map(str::trim), Some(""));
                }
                Error::UnknownKind { given }
                | Error::UnexpectedValue { given, .. }
                | Error::BadCount { given, .. }
                | Error::BadGpus { given }
                | Error::UnknownOption { given, .. }
                | Error::RepeatedOption { option: given, .. } => {
                    prop_assert!(text.contains(given));
                    quotes(&message, given)?;
                }
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
    Ok(())
}

#[test]
fn layouts_are_printed_back() {
    let values = (layouts(), any::<bool>(), space(), space());
    hold("layout", &values, |(layout, turned, before, after)| {
        let printed = layout.to_string();
        prop_assert_eq!(printed.parse::<Layout>(), Ok(layout));
        // Neither the order of the options nor space around a word matters.
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
        prop_assert_eq!(words.join(",").parse::<Layout>(), Ok(layout));
        Ok(())
    });
}
