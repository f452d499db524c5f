use unicode_width::UnicodeWidthChar;

use super::style::Font;

/// The width of a text, in pixels.
pub(crate) fn width(text: &str, font: Font) -> u32 {
    text.chars().map(columns).sum::<u32>().saturating_mul(font.letter_tenths).div_ceil(10)
}

/// The beginning of a text, no wider than `most` columns of letters.
pub(crate) fn shortened(text: &str, most: u32) -> String {
    let mut end = 0;
    let mut used = 0;
    for (place, letter) in text.char_indices() {
        used += columns(letter);
        if used > most {
            return format!("{}…", text.get(..end).unwrap_or_default());
        }
        if used < most {
            end = place + letter.len_utf8();
        }
    }
    text.to_owned()
}

/// Breaks a text at its spaces into lines of at most so many columns of letters. Words that are longer are cut.
pub(crate) fn wrapped(text: &str, most: u32) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').map(|word| shortened(word, most)) {
        let columns = |text: &str| text.chars().map(columns).sum::<u32>();
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(&word),
            Some(line) if columns(line) + 1 + columns(&word) <= most => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// Escapes a text for the content of an element or an attribute.
///
/// A replacement character stands for each character that XML cannot hold even escaped, and for each that
/// reverses the direction of the letters after it.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            _ if letter.is_control() || is_forbidden(letter) => safe.push('\u{fffd}'),
            _ => safe.push(letter),
        }
    }
    safe
}

/// Whether XML cannot hold a character, or it changes how the letters after it stand.
pub(crate) fn is_forbidden(letter: char) -> bool {
    let turns = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}

fn columns(letter: char) -> u32 {
    // At most 2; a control character is shown as a letter of one.
    letter.width().map_or(1, |columns| columns as u32)
}

#[cfg(test)]
mod tests {
    use super::super::style::PLAIN;
    use super::*;

    #[test]
    fn texts_are_escaped() {
        assert_eq!(
            escaped("<a href=\"x\" b='y'>&amp;</a>"),
            "&lt;a href=&quot;x&quot; b=&apos;y&apos;&gt;&amp;amp;&lt;/a&gt;"
        );
        assert_eq!(escaped("]]> node-1_é漢"), "]]&gt; node-1_é漢");
        for bad in ["\0", "\u{1b}", "\n", "\u{7f}", "\u{85}", "\u{202e}", "\u{2067}", "\u{ffff}"] {
            assert_eq!(escaped(bad), "\u{fffd}", "{bad:?}");
        }
    }

    #[test]
    fn long_texts_are_shortened_by_their_width() {
        assert_eq!(shortened("node", 4), "node");
        assert_eq!(shortened("nodes", 4), "nod…");
        assert_eq!(shortened("漢字漢字", 5), "漢字…");
        assert_eq!(shortened("", 0), "");
        assert_eq!(width("漢a", PLAIN), 23);
    }

    #[test]
    fn texts_are_broken_at_spaces() {
        assert_eq!(wrapped("a bc def  g", 5), ["a bc", "def ", "g"]);
        assert_eq!(wrapped("abcdefgh ij", 4), ["abc…", "ij"]);
        assert_eq!(wrapped("", 4), [""]);
    }
}
