use std::fmt;

use crate::error::Error;

const MILLION: u32 = 1_000_000;
const DECIMALS: usize = 6;

/// The fraction of a node's memory that workers get: above 0 and at most 1, exact to a millionth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MemoryFraction {
    millionths: u32,
}

impl MemoryFraction {
    /// All memory.
    pub const WHOLE: Self = Self { millionths: MILLION };

    /// Reads a decimal such as `0.9`.
    ///
    /// # Errors
    ///
    /// [`Error::BadMemory`] unless `given` is above 0 and at most 1, with at most 6 decimals.
    pub fn read(given: &str) -> Result<Self, Error> {
        Self::of_text(given).ok_or_else(|| Error::BadMemory { given: given.to_owned() })
    }

    /// Reads a float that is the nearest one to a decimal with at most 6 decimals.
    ///
    /// # Errors
    ///
    /// The error of [`MemoryFraction::read`].
    pub fn of_float(given: f64) -> Result<Self, Error> {
        let millionths = (given * f64::from(MILLION)).round();
        if (1.0..=f64::from(MILLION)).contains(&millionths)
            && millionths / f64::from(MILLION) == given
        {
            return Ok(Self { millionths: millionths as u32 });
        }
        Err(Error::BadMemory { given: given.to_string() })
    }

    /// This fraction of an amount of bytes, rounded down.
    pub fn of_bytes(self, bytes: u64) -> u64 {
        let fraction = u128::from(bytes) * u128::from(self.millionths) / u128::from(MILLION);
        // A fraction of a u64 is a u64.
        u64::try_from(fraction).unwrap_or(u64::MAX)
    }

    /// The fraction in millionths.
    pub fn millionths(self) -> u32 {
        self.millionths
    }

    fn of_text(given: &str) -> Option<Self> {
        let (whole, decimals) = given.split_once('.').unwrap_or((given, "0"));
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !are_digits(whole) || !are_digits(decimals) || decimals.len() > DECIMALS {
            return None;
        }
        let whole: u32 = whole.parse().ok()?;
        let decimals: u32 = format!("{decimals:0<DECIMALS$}").parse().ok()?;
        let millionths = whole.checked_mul(MILLION)?.checked_add(decimals)?;
        (1..=MILLION).contains(&millionths).then_some(Self { millionths })
    }
}

impl Default for MemoryFraction {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl fmt::Display for MemoryFraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::WHOLE {
            return f.write_str("1");
        }
        let decimals = format!("{:0DECIMALS$}", self.millionths);
        write!(f, "0.{}", decimals.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_decimal_is_printed_back() {
        for (text, printed) in [
            ("0.9", "0.9"),
            ("0.900000", "0.9"),
            ("0.000001", "0.000001"),
            ("1", "1"),
            ("1.0", "1"),
            ("0.123456", "0.123456"),
            ("00.5", "0.5"),
        ] {
            assert_eq!(MemoryFraction::read(text).expect(text).to_string(), printed);
            assert_eq!(
                MemoryFraction::of_float(text.parse().expect(text)),
                MemoryFraction::read(text)
            );
        }
    }

    #[test]
    fn what_is_not_a_fraction_is_refused() {
        for bad in [
            "",
            "0",
            "0.0",
            "-0.5",
            "+0.5",
            "1.1",
            "1.000001",
            "2",
            ".5",
            "5.",
            "0.1234567",
            "1e-1",
        ] {
            let text = MemoryFraction::read(bad).expect_err(bad).to_string();
            assert!(
                text.contains(&format!("not '{bad}'")) && text.contains("memory=0.9"),
                "{text}"
            );
        }
        for bad in [0.0, -0.5, 1.1, f64::NAN, f64::INFINITY, 0.123_456_7, 1e-7, 0.1 + 0.2] {
            assert!(MemoryFraction::of_float(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fraction_of_an_amount_is_rounded_down() {
        assert_eq!(MemoryFraction::read("0.9").expect("valid").of_bytes(11), 9);
        assert_eq!(MemoryFraction::WHOLE.of_bytes(u64::MAX), u64::MAX);
    }
}
