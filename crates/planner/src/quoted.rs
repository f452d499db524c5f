use std::fmt::{self, Write};

/// The most characters of a text that a message quotes. A `NodeID` and the name of a UDF are shorter.
const MAX_QUOTED: usize = 200;

/// A text from the user, from Ray or from Daft as a message quotes it: its beginning, on one line.
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, letter) in self.0.chars().enumerate() {
            if place == MAX_QUOTED {
                return f.write_char('…');
            }
            // Logs and tracebacks are read line by line.
            if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') {
                write!(f, "{}", letter.escape_default())?;
            } else {
                f.write_char(letter)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_quoted_on_one_line() {
        assert_eq!(Quoted("per-cöre 'x'\\").to_string(), "per-cöre 'x'\\");
        assert_eq!(Quoted("a\nb\u{2028}\u{1b}").to_string(), "a\\nb\\u{2028}\\u{1b}");
        assert_eq!(Quoted(&"é".repeat(MAX_QUOTED)).to_string(), "é".repeat(MAX_QUOTED));
        assert_eq!(Quoted(&"é".repeat(1_000_000)).to_string(), "é".repeat(MAX_QUOTED) + "…");
    }
}
