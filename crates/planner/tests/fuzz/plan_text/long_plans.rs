//! The reader of plans reads a long text in a moment.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use protoplast_planner::{Node, NodeRecord};

use crate::cases::hold_on_one_in;
use crate::plan_text::mutated_plans::{read, texts};

const LENGTH: usize = 100_000;

/// Reading takes milliseconds; the rest is for a build without optimisation.
const PATIENCE: Duration = Duration::from_secs(1);

/// One read of this many in time is enough, whatever else the machine does.
const TIMES: usize = 9;

fn read_in_time(piece: &str) -> TestCaseResult {
    let text = piece.repeat(LENGTH / piece.len().max(1));
    let nodes = [Node::try_from(NodeRecord::new("n", 4.0, 1.0, 1e9)).expect("valid node")];
    let mut taken = Duration::MAX;
    for _ in 0..TIMES {
        let start = Instant::now();
        read(&text, &nodes)?;
        taken = taken.min(start.elapsed());
        if taken < PATIENCE {
            return Ok(());
        }
    }
    prop_assert!(false, "{taken:?} for {piece:?}");
    Ok(())
}

#[test]
fn any_text_is_read_in_time() {
    hold_on_one_in(1_000, "long plans", &texts(), |piece| read_in_time(&piece));
}

#[test]
fn repeated_text_is_read_in_time() {
    let long = "n".repeat(1_000);
    for piece in [
        "| ",
        "* ",
        "* UDF",
        "|   ",
        "\n",
        "* UDF a:\n|   Resource request = None\n",
        "* UDF a name of about thirty letters:\n|   Resource request = None\n",
        "* ActorUDF: a\n|   Concurrency = 9\n|   Resource request = { num_cpus = 2 }\n",
        "* UDF Executor:\n|   UDF = \n",
        "* Filter\n",
        "|     wrapped\n",
        "* UDF a:\n|   Properties = concurrency = concurrency = \n",
        "* UDF a:\n|   Resource request = { , , , , , }\n",
        &format!("* UDF {long}:\n|   Resource request = None\n"),
    ] {
        read_in_time(piece).expect("in time");
    }
}
