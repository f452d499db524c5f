use std::fmt;
use std::ops::AddAssign;

use serde::Serialize;

use crate::bytes::bytes;
use crate::cluster::node::Node;

/// Less memory than this is not shown as left over, in bytes: shares are rounded down to a byte.
pub const SMALLEST_SHOWN_BYTES: u64 = 1 << 20;

/// The resources of nodes or of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Resources {
    /// Whole CPUs.
    pub cpus: u64,
    /// Whole GPUs.
    pub gpus: u64,
    /// Memory, in bytes.
    pub memory_bytes: u64,
}

impl Resources {
    /// Returns what is left after `taken` is subtracted; 0 for a resource of which more is taken.
    #[must_use]
    pub fn without(self, taken: Self) -> Self {
        Self {
            cpus: self.cpus.saturating_sub(taken.cpus),
            gpus: self.gpus.saturating_sub(taken.gpus),
            memory_bytes: self.memory_bytes.saturating_sub(taken.memory_bytes),
        }
    }
}

impl From<&Node> for Resources {
    fn from(node: &Node) -> Self {
        Self {
            cpus: node.cpus().into(),
            gpus: node.gpus().into(),
            memory_bytes: node.memory_bytes(),
        }
    }
}

impl AddAssign for Resources {
    fn add_assign(&mut self, other: Self) {
        self.cpus = self.cpus.saturating_add(other.cpus);
        self.gpus = self.gpus.saturating_add(other.gpus);
        self.memory_bytes = self.memory_bytes.saturating_add(other.memory_bytes);
    }
}

impl<T: Into<Self>> FromIterator<T> for Resources {
    /// Adds up all parts.
    fn from_iter<I: IntoIterator<Item = T>>(parts: I) -> Self {
        let mut sum = Self::default();
        for part in parts {
            sum += part.into();
        }
        sum
    }
}

impl fmt::Display for Resources {
    /// `8 CPUs, 2 GPUs, 32.0 GiB`; GPUs are left out if there are none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, ", count_of(self.cpus, "CPU"))?;
        if self.gpus > 0 {
            write!(f, "{}, ", count_of(self.gpus, "GPU"))?;
        }
        f.write_str(&bytes(self.memory_bytes))
    }
}

/// A number with the noun that it counts: `1 CPU`, `2 CPUs`.
pub fn count_of(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn amounts_are_formatted() {
        let some = Resources { cpus: 8, gpus: 2, memory_bytes: 32 * GIB };
        assert_eq!(some.to_string(), "8 CPUs, 2 GPUs, 32.0 GiB");
        let few = Resources { cpus: 1, gpus: 0, memory_bytes: 0 };
        assert_eq!(few.to_string(), "1 CPU, 0 B");
    }

    #[test]
    fn amounts_are_added_and_subtracted_without_overflow() {
        let most = Resources { cpus: 1, gpus: 0, memory_bytes: u64::MAX };
        let sum: Resources = [most, most].into_iter().collect();
        assert_eq!(sum, Resources { cpus: 2, gpus: 0, memory_bytes: u64::MAX });
        assert_eq!(most.without(sum), Resources::default());
        assert_eq!(sum.without(most).cpus, 1);
    }
}
