//! The reader of plans on any text, and on plans that were changed.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestCaseResult;
use protoplast_planner::{
    DecisionInput, Error, Layout, LayoutKind, Node, NodeRecord, QueryProfile, decide,
};

use crate::cases::hold;
use crate::messages::is_sound;
use crate::plan_text::seeds::PLANS;

/// Pieces of text that may stand in a plan.
const PIECES: [&str; 30] = [
    "\n",
    "\r\n",
    "* ",
    "| ",
    "|   ",
    "|     ",
    "|\\",
    "|",
    "  ",
    "UDF",
    "Builtin UDF ",
    "ActorUDF",
    "UDF Executor:",
    "Project",
    "DataSink",
    ":",
    "Resource request = ",
    "Resource request = { ",
    "None",
    " }",
    "num_cpus = ",
    "num_gpus = ",
    "memory_bytes = ",
    "num_tpus = 1",
    ", ",
    "=",
    "Properties = { ",
    "concurrency = ",
    "Concurrency = ",
    "├── └── │ ╭─╮ ▼",
];

/// Texts that may stand in place of a number.
const NUMBERS: [&str; 22] = [
    "0",
    "-0",
    "1",
    "+2",
    "-1",
    "1.5",
    ".5",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "infinity",
    "1e400",
    "1e308",
    "1e-400",
    "18446744073709551616",
    "0x10",
    "1_000",
    "٤",
    "many",
    "",
    "1 }, { 2",
];

fn pieces() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        select(&NUMBERS[..]).prop_map(str::to_owned),
        any::<f64>().prop_map(|number| number.to_string()),
        Just("9".repeat(400)),
    ];
    prop_oneof![
        8 => select(&PIECES[..]).prop_map(str::to_owned),
        2 => number,
        1 => any::<char>().prop_map(String::from),
    ]
}

#[derive(Debug, Clone)]
enum Change {
    Delete(Index),
    Repeat(Index, Index),
    Swap(Index, Index),
    Insert(Index, String),
    Number(Index, String),
    Truncate(Index),
    Lengthen(Index, usize),
}

fn changes() -> impl Strategy<Value = Change> {
    use Change::{Delete, Insert, Lengthen, Number, Repeat, Swap, Truncate};
    let at = any::<Index>;
    prop_oneof![
        2 => at().prop_map(Delete),
        2 => (at(), at()).prop_map(|(from, to)| Repeat(from, to)),
        2 => (at(), at()).prop_map(|(one, other)| Swap(one, other)),
        3 => (at(), pieces()).prop_map(|(to, piece)| Insert(to, piece)),
        4 => (at(), pieces()).prop_map(|(which, number)| Number(which, number)),
        1 => at().prop_map(Truncate),
        1 => (at(), 1..2_000_usize).prop_map(|(to, length)| Lengthen(to, length)),
    ]
}

impl Change {
    fn apply(&self, text: &mut String) {
        let mut lines: Vec<&str> = text.split('\n').collect();
        let count = lines.len();
        match self {
            Self::Delete(line) => drop(lines.remove(line.index(count))),
            Self::Repeat(from, to) => {
                lines.insert(to.index(count + 1), lines[from.index(count)]);
            }
            Self::Swap(one, other) => {
                lines.swap(one.index(count), other.index(count));
            }
            Self::Insert(to, piece) => return text.insert_str(boundary(text, to), piece),
            Self::Truncate(to) => return text.truncate(boundary(text, to)),
            Self::Lengthen(to, length) => {
                return text.insert_str(boundary(text, to), &"é".repeat(*length));
            }
            Self::Number(which, number) => return replace_number(text, which, number),
        }
        *text = lines.join("\n");
    }
}

/// A place between two characters.
fn boundary(text: &str, index: &Index) -> usize {
    let places = 0..=index.index(text.len() + 1);
    places.rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0)
}

fn replace_number(text: &mut String, which: &Index, number: &str) {
    let is_digit = |place: usize| text.as_bytes()[place].is_ascii_digit();
    let starts: Vec<_> = (0..text.len())
        .filter(|place| is_digit(*place) && (*place == 0 || !is_digit(place - 1)))
        .collect();
    if starts.is_empty() {
        return;
    }
    let start = *which.get(&starts);
    let end = (start..text.len()).find(|place| !is_digit(*place)).unwrap_or(text.len());
    text.replace_range(start..end, number);
}

fn changed() -> impl Strategy<Value = String> {
    (select(&PLANS[..]), proptest::collection::vec(changes(), 0..5)).prop_map(|(plan, changes)| {
        let mut text = plan.to_owned();
        changes.iter().for_each(|change| change.apply(&mut text));
        text
    })
}

pub fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => changed(),
        3 => proptest::collection::vec(pieces(), 0..24).prop_map(|pieces| pieces.concat()),
        1 => "(?s).{0,60}",
    ]
}

#[test]
fn any_text_is_read_or_refused() {
    for plan in PLANS {
        QueryProfile::read(plan, "").expect("as Daft writes it");
    }
    let nodes = [Node::try_from(NodeRecord::new("n", 4.0, 1.0, 1e9)).expect("valid node")];
    hold("plan reader", &texts(), |text| read(&text, &nodes));
}

pub fn read(text: &str, nodes: &[Node]) -> TestCaseResult {
    match QueryProfile::read(text, text) {
        Ok(profile) => {
            for request in &profile.requests {
                prop_assert!(request.cpus.is_finite() && request.cpus >= 1.0, "{request:?}");
                prop_assert!(request.gpus.is_finite() && request.gpus >= 0.0, "{request:?}");
            }
        }
        Err(error) => {
            is_sound(&error.to_string())?;
            prop_assert!(matches!(error, Error::UnreadablePlan { .. }), "{error:?}");
        }
    }
    for layout in [Layout::default(), LayoutKind::Auto.into()] {
        let asked = DecisionInput {
            plan: text,
            logical: text,
            layout: &layout,
            nodes,
            scarce: &[],
            work: &[],
            one_worker_blocked: None,
        };
        let decision = match decide(asked) {
            Ok(decision) => decision,
            Err(error) => return is_sound(&error.to_string()),
        };
        prop_assert!(!decision.layout.is_auto(), "{decision:?}");
        is_sound(&decision.reason)?;
        decision.hint().map_or(Ok(()), |hint| is_sound(&hint))?;
        for row_groups in [vec![], vec![vec![1, 0, u64::MAX], vec![], vec![7; 90]]] {
            let mut tried = Vec::new();
            while let Some(size) = decision.next_split(&tried, &row_groups) {
                tried.push((size, &decision));
                prop_assert!(size > 0 && tried.len() < 10, "{decision:?}");
            }
        }
    }
    Ok(())
}
