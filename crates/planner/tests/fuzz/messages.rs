//! Properties of every message, whatever it quotes.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// The longest message, in characters. Any quoted value is cut off long before.
const LONGEST: usize = 4_000;

/// The fewest characters of a quoted value that a message shows.
const SHOWN: usize = 100;

/// A message is one line, not empty and not long.
pub fn is_sound(message: &str) -> TestCaseResult {
    prop_assert!(!message.trim().is_empty());
    prop_assert!(!message.contains(breaks_line), "more than one line: {message:?}");
    let length = message.chars().count();
    prop_assert!(length <= LONGEST, "{length} characters: {message:.300}");
    Ok(())
}

/// A message quotes a value, or the beginning of one that is long or breaks the line.
pub fn quotes(message: &str, value: &str) -> TestCaseResult {
    let start: String = value.chars().take_while(|c| !breaks_line(*c)).take(SHOWN).collect();
    prop_assert!(message.contains(&format!("'{start}")), "{value:.300?} is not in {message}");
    Ok(())
}

fn breaks_line(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}
