//! The autoscaler's status, as Ray's monitor writes it or in any other form.

use proptest::prelude::*;
use protoplast_planner::can_grow;

use crate::cases::hold;

const PIECES: [&str; 16] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "null",
    "true",
    "1e999",
    "\"autoscaler_report\":",
    "\"active_nodes\":",
    "\"node_8c2e\":1",
    "\"headgroup\":1",
    "\\ud800",
    "\u{0}",
];

#[test]
fn any_status_is_read() {
    let soup = proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..12)
        .prop_map(|pieces| pieces.concat());
    let kinds = proptest::collection::vec("(node_)?\\PC{0,6}", 0..4);
    let text = prop_oneof![soup, "(?s).{0,30}"];
    hold("autoscaler status", &(text, kinds), |(text, kinds)| {
        let _ = can_grow(Some(&text));
        let nodes: serde_json::Map<_, _> =
            kinds.iter().map(|kind| (kind.clone(), 1.into())).collect();
        let status = serde_json::json!({"autoscaler_report": {"active_nodes": nodes}});
        let managed = kinds.iter().any(|kind| !kind.starts_with("node_"));
        prop_assert_eq!(can_grow(Some(&status.to_string())), managed);
        Ok(())
    });
}

#[test]
fn deep_status_is_read() {
    for piece in ["[", "{\"autoscaler_report\":", "{\"a\":"] {
        assert!(can_grow(Some(&piece.repeat(100_000))), "{piece}");
    }
}
