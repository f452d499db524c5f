use std::ops::Range;

use crate::place::Places;

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
    /// Each node's bits, by its place in the list of nodes.
    spans: Vec<Span>,
    bits: Vec<u64>,
}

/// The bits of a node: one where it is one worker, else one for each CPU.
struct Span {
    bits: Range<usize>,
    is_whole_node: bool,
}

impl Existing {
    /// Reads `ids`; those of other nodes or of another form are passed over.
    pub(crate) fn new<S: AsRef<str>>(places: &Places<'_>, ids: &[S]) -> Self {
        let mut end = 0;
        let spans: Vec<_> = places
            .all
            .iter()
            .map(|place| {
                let start = end;
                let is_whole_node = place.cut.is_whole_node();
                end += if is_whole_node { 1 } else { place.node.cpus() as usize };
                Span { bits: start..end, is_whole_node }
            })
            .collect();
        let any_whole = spans.iter().any(|span| span.is_whole_node);
        let any_cut = spans.iter().any(|span| !span.is_whole_node);
        let mut existing = Self { spans, bits: vec![0; end.div_ceil(64)] };
        for id in ids {
            let id = id.as_ref();
            if any_cut && let Some((node, cpu)) = split_cpu(id) {
                existing.note(places, false, node, cpu);
            }
            if any_whole {
                existing.note(places, true, id, 0);
            }
        }
        existing
    }

    /// Whether the worker of the node at `place` whose first CPU is `cpu` exists.
    pub(crate) fn contains(&self, place: usize, cpu: u32) -> bool {
        self.spans
            .get(place)
            .and_then(|span| span.bit(cpu))
            .and_then(|bit| Some(self.bits.get(bit / 64)? >> (bit % 64) & 1 == 1))
            .unwrap_or(false)
    }

    fn note(&mut self, places: &Places<'_>, is_whole_node: bool, node: &str, cpu: u32) {
        if let Some(&place) = places.by_id.get(node)
            && let Some(span) = self.spans.get(place)
            && span.is_whole_node == is_whole_node
            && let Some(bit) = span.bit(cpu)
            && let Some(word) = self.bits.get_mut(bit / 64)
        {
            *word |= 1 << (bit % 64);
        }
    }
}

impl Span {
    fn bit(&self, cpu: u32) -> Option<usize> {
        let bit = self.bits.start + cpu as usize;
        self.bits.contains(&bit).then_some(bit)
    }
}

/// Splits `{NodeID}_cpu_{cpu_index}`; only the form that [`cpu_worker_id`] writes is taken.
pub(crate) fn split_cpu(id: &str) -> Option<(&str, u32)> {
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
