use std::fmt;
use std::num::NonZeroU32;

use crate::error::Error;

/// The units of a time and their seconds, the largest first.
const UNITS: [(&str, u32); 3] = [("h", 3600), ("min", 60), ("s", 1)];

/// The longest time: a day, in seconds.
const LONGEST_S: u32 = 24 * 3600;

/// How long a worker keeps the instances of class UDFs after the query that used them: 1 second to 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeepTime {
    seconds: NonZeroU32,
}

impl KeepTime {
    /// Reads a whole number and its unit, such as `30s`, `10min` or `2h`.
    ///
    /// # Errors
    ///
    /// [`Error::BadKeep`] unless `given` has this form and is at least `1s` and at most `24h`.
    pub fn read(given: &str) -> Result<Self, Error> {
        Self::of_text(given).ok_or_else(|| Error::BadKeep { given: given.to_owned() })
    }

    /// The time in seconds.
    pub fn seconds(self) -> u32 {
        self.seconds.get()
    }

    fn of_text(given: &str) -> Option<Self> {
        let unit = given.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let number = given.strip_suffix(unit)?;
        let (_, of_unit) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let seconds = number.parse::<NonZeroU32>().ok()?.checked_mul(NonZeroU32::new(*of_unit)?)?;
        (seconds.get() <= LONGEST_S).then_some(Self { seconds })
    }
}

impl fmt::Display for KeepTime {
    /// Writes the largest unit that holds the time exactly.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.seconds();
        let exact = UNITS.into_iter().find(|(_, of_unit)| seconds.is_multiple_of(*of_unit));
        let (name, of_unit) = exact.unwrap_or(("s", 1));
        write!(f, "{}{name}", seconds / of_unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_exact_unit_is_printed_back() {
        for (text, seconds, printed) in [
            ("1s", 1, "1s"),
            ("30s", 30, "30s"),
            ("60s", 60, "1min"),
            ("90s", 90, "90s"),
            ("007min", 420, "7min"),
            ("90min", 5400, "90min"),
            ("120min", 7200, "2h"),
            ("24h", 86_400, "24h"),
            ("86400s", 86_400, "24h"),
            ("86399s", 86_399, "86399s"),
        ] {
            let time = KeepTime::read(text).expect(text);
            assert_eq!((time.seconds(), time.to_string().as_str()), (seconds, printed));
            assert_eq!(KeepTime::read(printed), Ok(time));
        }
    }

    #[test]
    fn another_text_is_not_a_time() {
        for bad in [
            "",
            "10",
            "min",
            "0s",
            "0h",
            "10 min",
            "10m",
            "10Min",
            "1.5h",
            "-1s",
            "+1s",
            "25h",
            "86401s",
            "1441min",
            "4294967296s",
            "1h30min",
            "٤s",
            "10min ",
            "1d",
        ] {
            let text = KeepTime::read(bad).expect_err(bad).to_string();
            assert_eq!(
                text,
                format!(
                    "'keep' must be a whole number and its unit, from '1s' to '24h', not '{bad}'; write for \
                     example 'keep=30s', 'keep=10min' or 'keep=2h'"
                )
            );
        }
    }
}
