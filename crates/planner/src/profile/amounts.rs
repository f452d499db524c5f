//! Formats times, parts and counts.

/// Formats a time with three digits at most and a unit, and from two minutes on as minutes and seconds.
pub(crate) fn duration(us: u64) -> String {
    let scaled = |value: f64, unit: &str| match value {
        ..9.995 => format!("{value:.2} {unit}"),
        ..99.95 => format!("{value:.1} {unit}"),
        _ => format!("{value:.0} {unit}"),
    };
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..999_500 => scaled(us as f64 / 1e3, "ms"),
        999_500..120_000_000 => scaled(us as f64 / 1e6, "s"),
        _ => format!("{} min {:02} s", us / 60_000_000, us / 1_000_000 % 60),
    }
}

/// Formats a part of a whole as a percentage, which is 0 or 100 only if the part is.
pub(crate) fn percent(part: f64) -> String {
    let value = part * 100.0;
    match value {
        _ if value <= 0.0 => "0 %".to_owned(),
        ..0.1 => "<0.1 %".to_owned(),
        ..9.95 => format!("{value:.1} %"),
        99.5..100.0 => format!("{:.1} %", value.min(99.9)),
        _ => format!("{value:.0} %"),
    }
}

/// Formats a count with commas between its thousands.
pub(crate) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        let cases = [
            (0, "0 µs"),
            (999, "999 µs"),
            (1_000, "1.00 ms"),
            (99_949, "99.9 ms"),
            (999_499, "999 ms"),
            (999_500, "1.00 s"),
            (9_996_000, "10.0 s"),
            (119_999_999, "120 s"),
            (3_723_000_000, "62 min 03 s"),
        ];
        for (us, text) in cases {
            assert_eq!(duration(us), text);
        }
    }

    #[test]
    fn parts_are_percentages() {
        let cases = [
            (0.0, "0 %"),
            (f64::NAN, "NaN %"),
            (0.0001, "<0.1 %"),
            (0.021, "2.1 %"),
            (0.5, "50 %"),
            (0.99999, "99.9 %"),
            (1.0, "100 %"),
            (1.5, "150 %"),
        ];
        for (part, text) in cases {
            assert_eq!(percent(part), text);
        }
    }

    #[test]
    fn counts_have_commas() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    }
}
