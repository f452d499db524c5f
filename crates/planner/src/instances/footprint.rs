use crate::bytes::bytes;
use crate::quoted::Quoted;

/// What an instance of a class UDF costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Footprint {
    /// The memory that the process of a worker grew by, in bytes.
    pub bytes: u64,
    /// The memory that the process grew by at most while it built the instance, in bytes.
    pub peak_bytes: u64,
    /// How long building it took, in seconds; None if that is not known.
    pub seconds: Option<f64>,
}

impl Footprint {
    /// The larger one of two measurements of the same class.
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.max(other.bytes),
            peak_bytes: self.peak_bytes.max(other.peak_bytes),
            seconds: other.seconds.or(self.seconds),
        }
    }

    /// What the memory of a node must have free for one more instance, in bytes.
    pub(crate) fn needed_bytes(self) -> u64 {
        self.bytes.max(self.peak_bytes)
    }
}

/// How many workers of a node have an instance of a class.
#[derive(Debug, Clone, PartialEq)]
pub struct Copies {
    /// What one instance costs; None if no worker has built one.
    pub footprint: Option<Footprint>,
    /// On the node that has the most instances: how many workers have one.
    pub workers: usize,
    /// How many workers that node has.
    pub of: usize,
    /// Whether a node had no room for more instances.
    pub is_limited: bool,
}

/// Less memory than this cannot be told from what a process takes meanwhile, in bytes.
const LEAST_SHOWN_BYTES: u64 = 1 << 20;

/// Says how many workers have an instance, in one sentence.
///
/// `name` is the name of the class.
pub fn copies_line(name: &str, copies: &Copies) -> Option<String> {
    let footprint = copies.footprint?;
    let Copies { workers, of, .. } = copies;
    let why = if copies.is_limited { ", for no more have room" } else { "" };
    let takes = match footprint.bytes {
        ..LEAST_SHOWN_BYTES => format!("less than {}", bytes(LEAST_SHOWN_BYTES)),
        amount => bytes(amount),
    };
    let name = Quoted(name);
    Some(format!("'{name}' takes {takes}: {workers} of {of} workers of a node have it{why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_it_takes_and_who_has_it() {
        let footprint = Footprint { bytes: 3 << 30, peak_bytes: 0, seconds: None };
        let copies =
            |is_limited| Copies { footprint: Some(footprint), workers: 18, of: 64, is_limited };
        let line = |is_limited| copies_line("Model", &copies(is_limited)).expect("it was built");
        assert_eq!(line(false), "'Model' takes 3.0 GiB: 18 of 64 workers of a node have it");
        assert!(line(true).ends_with("have it, for no more have room"), "{}", line(true));
        assert_eq!(copies_line("Model", &Copies { footprint: None, ..copies(false) }), None);
        let small = Footprint { bytes: 4096, ..footprint };
        let small = Copies { footprint: Some(small), ..copies(false) };
        assert_eq!(
            copies_line("f", &small).as_deref(),
            Some("'f' takes less than 1.0 MiB: 18 of 64 workers of a node have it")
        );
    }
}
