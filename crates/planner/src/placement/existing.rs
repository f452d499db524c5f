use std::ops::Range;

use crate::placement::targets::Targets;
use crate::placement::worker_id::split_cpu;

/// The workers that exist already: one bit for each id that a node can have under a layout.
///
/// Each id is read once and never searched for: a refresh that finds all workers in place costs one hash of a
/// node id per worker.
pub(crate) struct Existing {
    /// The bits of each node, in the order of the targets.
    spans: Vec<Span>,
    bits: Vec<u64>,
}

/// The bits of a node: one bit if it has one worker, else one for each CPU.
struct Span {
    bits: Range<usize>,
    is_whole_node: bool,
}

impl Existing {
    /// Reads `ids`, and skips ids of other nodes or of another form.
    pub(crate) fn new<S: AsRef<str>>(targets: &Targets<'_>, ids: &[S]) -> Self {
        let mut end = 0;
        let spans: Vec<_> = targets
            .all
            .iter()
            .map(|target| {
                let start = end;
                let is_whole_node = target.node_layout.is_whole_node();
                end += if is_whole_node { 1 } else { target.node.cpus() as usize };
                Span { bits: start..end, is_whole_node }
            })
            .collect();
        let any_whole = spans.iter().any(|span| span.is_whole_node);
        let any_divided = spans.iter().any(|span| !span.is_whole_node);
        let mut existing = Self { spans, bits: vec![0; end.div_ceil(64)] };
        for id in ids {
            let id = id.as_ref();
            if any_divided && let Some((node, cpu)) = split_cpu(id) {
                existing.note(targets, false, node, cpu);
            }
            if any_whole {
                existing.note(targets, true, id, 0);
            }
        }
        existing
    }

    /// Whether the worker of the node at `target` whose first CPU is `cpu` exists.
    pub(crate) fn contains(&self, target: usize, cpu: u32) -> bool {
        self.spans
            .get(target)
            .and_then(|span| span.bit(cpu))
            .and_then(|bit| Some(self.bits.get(bit / 64)? >> (bit % 64) & 1 == 1))
            .unwrap_or(false)
    }

    fn note(&mut self, targets: &Targets<'_>, is_whole_node: bool, node: &str, cpu: u32) {
        if let Some(&target) = targets.by_id.get(node)
            && let Some(span) = self.spans.get(target)
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
