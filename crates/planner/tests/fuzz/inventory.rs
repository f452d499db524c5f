//! Texts that may be an inventory of nodes.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use protoplast_planner::Node;

use crate::cases::hold;
use crate::messages::is_sound;

const WRITTEN: &str = r#"[{"NodeID": "a", "Alive": true, "NodeManagerAddress": "10.0.0.1",
    "Resources": {"CPU": 8.0, "GPU": 2, "memory": 32e9, "node:__internal_head__": 1.0},
    "Labels": {"zone": "b"}, "NumaNodes": [{"id": 0, "cpus": 8, "memory_bytes": 1}],
    "MaxWorkers": 9}, {"NodeID": "b", "Alive": false, "Resources": {}}]"#;

const PARTS: [&str; 16] = [
    "",
    "[",
    "]",
    "{",
    "}",
    "null",
    "-1",
    "1e400",
    "NaN",
    "\"",
    "\\u0000",
    "\u{2028}",
    "\u{1b}",
    "\"NodeID\": \"\",",
    "99999999999999999999",
    "[[[[[[[[[[[[[[[[",
];

#[test]
fn a_text_is_read_or_refused_on_one_line() {
    let edits = proptest::collection::vec((any::<Index>(), 0..9_usize, select(&PARTS[..])), 0..4);
    let texts = prop_oneof![
        4 => edits.prop_map(|edits| {
            let mut text: Vec<char> = WRITTEN.chars().collect();
            for (place, removed, part) in edits {
                let start = place.index(text.len() + 1);
                let end = (start + removed).min(text.len());
                text.splice(start..end, part.chars());
            }
            text.into_iter().collect::<String>().into_bytes()
        }),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ];
    hold("inventory", &texts, |text| match Node::read_all(&text) {
        Ok(nodes) => {
            prop_assert!(nodes.len() <= 2);
            Ok(())
        }
        Err(error) => is_sound(&error.to_string()),
    });
}
