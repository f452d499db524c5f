//! Plans that are written here in Daft's form, so that their requests are known.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseResult;
use protoplast_planner::QueryProfile;

use crate::cases::hold;

/// What an operator asks for, if it does.
#[derive(Debug, Clone)]
struct Asks {
    cpus: Option<f64>,
    gpus: Option<f64>,
    memory_bytes: Option<u64>,
}

#[derive(Debug, Clone)]
enum Operator {
    Udf { name: String, style: usize, literal: &'static str, asks: Asks },
    Actor { name: String, old: bool, concurrency: u32, asks: Asks },
    Other(&'static str),
}

/// Operators, and before the last of them the branch of a join.
type Tree = Vec<(Vec<Operator>, Vec<Operator>)>;

const OTHERS: [&str; 11] = [
    "Project: col(0: a) as Resource request = { num_cpus = 64 }\nResource request = None",
    "Project: lit(\"x\n* UDF y:\nResource request = { num_cpus = 64 }\") as b\nResource request = None",
    "Project: col(0: a)\nResource request = { num_cpus = 64 }",
    "Filter: col(2: w) > lit(1)",
    "Filter: col(0: a) > lit(\"x\nResource request = { num_cpus = 64 }\")",
    "MonotonicallyIncreasingId: id",
    "Explode: col(0: a)",
    "RayShuffle: Hash\nNum partitions = Some(2)\nBy = col(0: s)",
    "IntoPartitions(Ray)\nNum partitions = 2",
    "Limit: 5",
    "ScanTaskSource:\nScan Tasks: [\n{File {file:///a.parquet}}\n]",
];

/// What a user may write as a literal; Daft prints it with its line breaks.
const LITERALS: [&str; 5] = [
    "col(0: a)",
    "lit(\"x\nResource request = { num_cpus = 64 }\")",
    "lit(\"\n* UDF y:\nResource request = { num_gpus = 64 }\n\")",
    "lit(\"\n\n| \n|\\\n    \")",
    "lit(\"╭─── é 名 \u{2028} \r\")",
];

fn asks() -> impl Strategy<Value = Asks> {
    let cpus = prop_oneof![(0..200_u32).prop_map(f64::from), 0.0..9.0_f64];
    let gpus = prop_oneof![(0..9_u32).prop_map(f64::from), 0.0..1.0_f64];
    let memory = prop_oneof![Just(1_u64 << 30), 0..1_u64 << 53];
    use proptest::option::of;
    (of(cpus), of(gpus), of(memory)).prop_map(|(cpus, gpus, memory_bytes)| Asks {
        cpus,
        gpus,
        memory_bytes,
    })
}

fn operators() -> impl Strategy<Value = Operator> {
    let name = || {
        prop_oneof![
            4 => "[a-zA-Z_][a-z0-9_.<>]{0,12}",
            1 => "[a-z_.]{60,120}",
            1 => "(UDF|Executor|[a-zé]{1,9})( [a-z=:]{1,9}){0,9}",
        ]
    };
    let udf = (name(), 0..4_usize, select(&LITERALS[..]), asks());
    let actor = (name(), any::<bool>(), 1..100_u32, asks());
    prop_oneof![
        3 => udf.prop_map(|(name, style, literal, asks)| {
            Operator::Udf { name, style, literal, asks }
        }),
        1 => actor.prop_map(|(name, old, concurrency, asks)| {
            Operator::Actor { name, old, concurrency, asks }
        }),
        3 => select(&OTHERS[..]).prop_map(Operator::Other),
    ]
}

fn trees() -> impl Strategy<Value = Tree> {
    let chain = || proptest::collection::vec(operators(), 0..4);
    proptest::collection::vec((chain(), chain()), 1..3)
}

impl Asks {
    fn write(&self) -> String {
        let amounts: Vec<String> = [
            self.cpus.map(|amount| format!("num_cpus = {amount}")),
            self.gpus.map(|amount| format!("num_gpus = {amount}")),
            self.memory_bytes.map(|amount| format!("memory_bytes = {amount}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        match amounts.is_empty() {
            true => "Resource request = None".to_owned(),
            false => format!("Resource request = {{ {} }}", amounts.join(", ")),
        }
    }

    fn cpus(&self) -> f64 {
        self.cpus.unwrap_or(1.0).max(1.0)
    }
}

impl Operator {
    fn write(&self) -> String {
        match self {
            Self::Udf { name, style, literal, asks } => {
                let header = match style {
                    0 => format!("UDF Executor:\nUDF {name} = {literal}"),
                    1 => format!("UDF: {name}\nExpr = {literal}"),
                    2 => format!("UDF {name}:\nExpr = {literal}"),
                    _ => format!("Builtin UDF {name}:\nExpr = {literal}"),
                };
                let properties = "Properties = { async = false, scalar = false }";
                format!("{header}\n{properties}\n{}", asks.write())
            }
            Self::Actor { name, old: true, concurrency, asks } => {
                format!("ActorUDF:\nUDF = {name}\nConcurrency = {concurrency}\n{}", asks.write())
            }
            Self::Actor { name, old: false, concurrency, asks } => {
                let properties = format!(
                    "Properties = {{ batch_size = 3, concurrency = {concurrency}, async }}"
                );
                format!("ActorUDF: {name}\n{properties}\n{}", asks.write())
            }
            Self::Other(text) => (*text).to_owned(),
        }
    }
}

/// Prints an operator at a depth. Lines that are wider than `width` are wrapped as Daft does: at their spaces,
/// and within words that are wider.
fn print(text: &mut String, operator: &str, depth: usize, width: usize) {
    let branches = "| ".repeat(depth);
    for (index, line) in operator.split('\n').enumerate() {
        let mut lead = if index == 0 { "* " } else { "|   " };
        let mut row = String::new();
        let mut room = width;
        for word in line.split(' ') {
            let letters: Vec<char> = word.chars().collect();
            let pieces = letters.chunks(width).map(|piece| piece.iter().collect::<String>());
            for (index, piece) in pieces.enumerate() {
                let length = piece.chars().count();
                if index > 0 || !row.is_empty() && length + 1 > room {
                    *text += &format!("{branches}{lead}{row}\n");
                    row.clear();
                    room = width;
                    lead = "|     ";
                }
                if !row.is_empty() {
                    row.push(' ');
                    room = room.saturating_sub(1);
                }
                row += &piece;
                room = room.saturating_sub(length);
            }
        }
        *text += &format!("{branches}{lead}{row}\n");
    }
    *text += &format!("{branches}|\n");
}

fn print_tree(tree: &Tree, width: usize) -> String {
    let mut text = String::new();
    for (index, (branch, chain)) in tree.iter().enumerate() {
        if index > 0 {
            print(&mut text, "BroadcastJoin\nType: Inner", 0, width);
            text.truncate(text.len() - 1);
            text += "\\\n";
        }
        let depth = usize::from(index > 0);
        branch.iter().for_each(|operator| print(&mut text, &operator.write(), depth, width));
        chain.iter().for_each(|operator| print(&mut text, &operator.write(), 0, width));
    }
    print(&mut text, "InMemorySource:\nSchema = a#Int64, s#Utf8", 0, width);
    text
}

#[test]
fn no_request_is_lost() {
    hold("written plans", &(trees(), 8..120_usize), |(tree, width)| {
        let text = print_tree(&tree, width);
        let profile = QueryProfile::read(&text, "");
        prop_assert!(profile.is_ok(), "{profile:?} of\n{text}");
        finds_all_requests(&tree, &profile.expect("as asserted"), &text)
    });
}

fn finds_all_requests(tree: &Tree, profile: &QueryProfile, text: &str) -> TestCaseResult {
    let (mut cpus, mut gpus, mut memory_bytes) = (0.0_f64, 0.0_f64, 0);
    let (mut udfs, mut python) = (0, false);
    for operator in tree.iter().flat_map(|(branch, chain)| branch.iter().chain(chain)) {
        match operator {
            Operator::Udf { asks, .. } => {
                udfs += 1;
                cpus = cpus.max(asks.cpus());
                gpus = gpus.max(asks.gpus.unwrap_or(0.0));
                memory_bytes = memory_bytes.max(asks.memory_bytes.unwrap_or(0));
            }
            Operator::Actor { asks, .. } => {
                if let Some(asked) = asks.memory_bytes.filter(|asked| *asked > 0) {
                    udfs += 1;
                    cpus = cpus.max(1.0);
                    memory_bytes = memory_bytes.max(asked);
                }
            }
            Operator::Other(_) => {}
        }
        python |= matches!(operator, Operator::Udf { .. });
    }
    let found = &profile.requests;
    prop_assert_eq!(found.iter().map(|found| found.cpus).fold(0.0, f64::max), cpus, "{}", text);
    prop_assert_eq!(found.iter().map(|found| found.gpus).fold(0.0, f64::max), gpus, "{}", text);
    let memory = found.iter().map(|found| found.memory_bytes).max().unwrap_or(0);
    prop_assert_eq!(memory, memory_bytes, "{}", text);
    prop_assert_eq!(!profile.python_stages.is_empty(), python, "{}", text);
    prop_assert!(found.len() <= udfs, "{}", text);
    Ok(())
}
