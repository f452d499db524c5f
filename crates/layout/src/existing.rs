use std::ops::Range;

use hashbrown::HashMap;

use crate::node::Node;

const CPU_MARK: &str = "_cpu_";

/// The id of the worker whose first CPU is `cpu`: `{NodeID}_cpu_{cpu_index}`.
pub(crate) fn cpu_worker_id(node: &str, cpu: u32) -> String {
    format!("{node}{CPU_MARK}{cpu}")
}

/// Which workers there are already, as one bit for each id that a node can have under a layout.
///
/// An id is read once and never searched for: a refresh that finds all workers in place costs one
/// hash of a node id for each worker.
pub(crate) struct Existing {
    /// Whether a worker has the whole node, so that its id is the node's.
    whole_nodes: bool,
    /// Where a node's bits begin and end, by its place in the list of nodes.
    spans: Vec<Range<usize>>,
    bits: Vec<u64>,
}

impl Existing {
    /// Reads `ids`; those of other nodes or of another form are passed over.
    ///
    /// `places` gives each node's place in `nodes` by its id.
    pub(crate) fn new<S: AsRef<str>>(
        whole_nodes: bool,
        nodes: &[&Node],
        places: &HashMap<&str, usize>,
        ids: &[S],
    ) -> Self {
        let mut end = 0;
        let spans = nodes
            .iter()
            .map(|node| {
                let start = end;
                end += if whole_nodes { 1 } else { node.cpus() as usize };
                start..end
            })
            .collect();
        let mut existing = Self { whole_nodes, spans, bits: vec![0; end.div_ceil(64)] };
        for id in ids {
            let read = existing.read(id.as_ref());
            if let Some((node, cpu)) = read
                && let Some(&place) = places.get(node)
                && let Some(bit) = existing.bit(place, cpu)
                && let Some(word) = existing.bits.get_mut(bit / 64)
            {
                *word |= 1 << (bit % 64);
            }
        }
        existing
    }

    /// Whether the worker of the node at `place` whose first CPU is `cpu` exists.
    pub(crate) fn contains(&self, place: usize, cpu: u32) -> bool {
        self.bit(place, cpu)
            .and_then(|bit| Some(self.bits.get(bit / 64)? >> (bit % 64) & 1 == 1))
            .unwrap_or(false)
    }

    fn bit(&self, place: usize, cpu: u32) -> Option<usize> {
        let span = self.spans.get(place)?;
        let bit = span.start + cpu as usize;
        span.contains(&bit).then_some(bit)
    }

    fn read<'a>(&self, id: &'a str) -> Option<(&'a str, u32)> {
        if self.whole_nodes { Some((id, 0)) } else { split_cpu(id) }
    }
}

/// Splits `{NodeID}_cpu_{cpu_index}`; only the form that [`cpu_worker_id`] writes is taken.
fn split_cpu(id: &str) -> Option<(&str, u32)> {
    // The mark is sought from the end over the digits alone: ids are long, indices are not.
    let digits = id.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (rest, index) = id.split_at(id.len() - digits);
    let node = rest.strip_suffix(CPU_MARK)?;
    if index.is_empty() || (index.len() > 1 && index.starts_with('0')) {
        return None;
    }
    Some((node, index.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_that_is_written_is_read() {
        assert_eq!(split_cpu(&cpu_worker_id("a", 12)), Some(("a", 12)));
        assert_eq!(split_cpu("a_cpu_1_cpu_0"), Some(("a_cpu_1", 0)));
        for other in
            ["a", "", "a_cpu_", "a_cpu_01", "a_cpu_-1", "a_cpu_1x", "a_cpu_99999999999", "7"]
        {
            assert_eq!(split_cpu(other), None, "{other}");
        }
    }
}
