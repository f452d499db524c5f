//! Any amounts that Ray may report of a node.

use proptest::prelude::*;
use protoplast_planner::{Error, MAX_COUNT, Node, NodeRecord, plan};

use crate::cases::hold;
use crate::layouts::layouts;
use crate::messages::{is_sound, quotes};

fn figures() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), -2.0..70_000.0_f64, Just(f64::NAN), Just(f64::INFINITY)]
}

#[test]
fn any_amounts_are_a_node_or_an_error() {
    let values = ("(?s).{0,6}", any::<bool>(), figures(), figures(), figures(), layouts());
    hold("node", &values, |(id, alive, cpus, gpus, memory, layout)| {
        match Node::try_from(NodeRecord { alive, ..NodeRecord::new(&id, cpus, gpus, memory) }) {
            Ok(node) => {
                prop_assert!(node.cpus() <= MAX_COUNT && node.gpus() <= MAX_COUNT);
                prop_assert_eq!(f64::from(node.cpus()), cpus.floor());
                prop_assert_eq!(f64::from(node.gpus()), gpus.floor());
                if node.cpus() < 64 {
                    let _ = plan::<&str>(&[node], &layout, &[]);
                }
            }
            Err(error) => {
                is_sound(&error.to_string())?;
                match error {
                    Error::EmptyNodeId => prop_assert!(id.is_empty()),
                    error => quotes(&error.to_string(), &id)?,
                }
            }
        }
        Ok(())
    });
}
