use std::fmt;

use crate::error::Error;
use crate::layout::kind::LayoutKind;
use crate::limits::MAX_MEMORY_BYTES;

const AUTO: &str = "auto";
const NEVER: &str = "never";

/// The units of an amount of memory and their bytes, the largest first.
const UNITS: [(&str, u64); 4] =
    [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// Which native queries run as one task on one worker of a whole node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OneWorker {
    /// None does.
    Never,
    /// Those that fit into a part of one node's memory and that other nodes would not make much faster.
    Auto,
    /// Those that read at most this many bytes, as Daft estimates them.
    UpTo(u64),
}

impl OneWorker {
    /// The default of a kind.
    pub fn of(kind: LayoutKind) -> Self {
        if kind == LayoutKind::Auto { Self::Auto } else { Self::Never }
    }

    /// Whether a kind has workers of whole nodes, and so this option.
    pub fn suits(kind: LayoutKind) -> bool {
        matches!(kind, LayoutKind::Auto | LayoutKind::PerNode)
    }

    /// Reads `auto`, `never`, or a whole number and its unit, such as `512MiB` or `4GiB`.
    ///
    /// # Errors
    ///
    /// [`Error::BadOneWorker`] unless `given` has one of these forms and is at least `1KiB`.
    pub fn read(given: &str) -> Result<Self, Error> {
        match given {
            AUTO => Ok(Self::Auto),
            NEVER => Ok(Self::Never),
            _ => bytes(given)
                .map(Self::UpTo)
                .ok_or_else(|| Error::BadOneWorker { given: given.to_owned() }),
        }
    }

    /// The same value under a kind that has this option, and `never` under any other.
    pub(crate) fn allowed(self, kind: LayoutKind) -> Self {
        if Self::suits(kind) { self } else { Self::Never }
    }

    /// The value for another kind: the default of `before` becomes that of `after`.
    pub(crate) fn with_kind(self, before: LayoutKind, after: LayoutKind) -> Self {
        if self == Self::of(before) { Self::of(after) } else { self.allowed(after) }
    }
}

impl fmt::Display for OneWorker {
    /// Writes the largest unit that holds the amount exactly.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str(AUTO),
            Self::Never => f.write_str(NEVER),
            Self::UpTo(bytes) => {
                let exact = UNITS.into_iter().find(|(_, of_unit)| bytes.is_multiple_of(*of_unit));
                let (unit, of_unit) = exact.unwrap_or(("B", 1));
                write!(f, "{}{unit}", bytes / of_unit)
            }
        }
    }
}

fn bytes(given: &str) -> Option<u64> {
    let unit = given.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let number = given.strip_suffix(unit)?;
    let (_, of_unit) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let bytes = number.parse::<u64>().ok()?.checked_mul(*of_unit)?;
    (1..=MAX_MEMORY_BYTES).contains(&bytes).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_amounts_are_read_and_printed() {
        for (text, value, printed) in [
            ("auto", OneWorker::Auto, "auto"),
            ("never", OneWorker::Never, "never"),
            ("4GiB", OneWorker::UpTo(4 << 30), "4GiB"),
            ("1024MiB", OneWorker::UpTo(1 << 30), "1GiB"),
            ("1536MiB", OneWorker::UpTo(1536 << 20), "1536MiB"),
            ("007KiB", OneWorker::UpTo(7 << 10), "7KiB"),
        ] {
            assert_eq!(OneWorker::read(text), Ok(value), "{text}");
            assert_eq!(value.to_string(), printed);
            assert_eq!(OneWorker::read(printed), Ok(value));
        }
    }

    #[test]
    fn another_text_is_refused() {
        for bad in ["", "4", "4GB", "GiB", "0GiB", "1.5GiB", "4 GiB", "-1GiB", "9999999TiB", "no"] {
            let text = OneWorker::read(bad).expect_err(bad).to_string();
            assert!(text.contains(&format!("or as 'one-worker=4GiB', not '{bad}'")), "{text}");
        }
    }

    #[test]
    fn the_default_follows_the_kind() {
        let (auto, per_node, per_core) =
            (LayoutKind::Auto, LayoutKind::PerNode, LayoutKind::PerCore);
        assert_eq!(OneWorker::of(auto).with_kind(auto, per_node), OneWorker::Never);
        assert_eq!(OneWorker::of(per_node).with_kind(per_node, auto), OneWorker::Auto);
        assert_eq!(OneWorker::UpTo(1 << 30).with_kind(auto, per_core), OneWorker::Never);
        assert_eq!(OneWorker::UpTo(1 << 30).with_kind(auto, per_node), OneWorker::UpTo(1 << 30));
    }
}
