use std::cmp::Reverse;

use crate::assign::bin_pack::{First, bin_pack};
use crate::assign::core_allocator::Piece;
use crate::read::NumaNode;

/// The NUMA nodes of a machine, with the CPUs that each worker gets from each.
pub struct NumaBins {
    bins: Vec<Bin>,
    /// The workers that fit in no node as a whole, widest first.
    unplaced: Vec<Piece>,
}

struct Bin {
    cpus: usize,
    given: usize,
    pieces: Vec<Piece>,
}

impl Bin {
    fn left(&self) -> usize {
        self.cpus.saturating_sub(self.given)
    }

    fn give(&mut self, piece: Piece) {
        self.given += piece.width;
        self.pieces.push(piece);
    }
}

impl NumaBins {
    /// Puts workers into nodes as wholes, as far as they fit.
    pub fn new(nodes: &[NumaNode], widths: &[u32], first: First) -> Self {
        let bin = |node: &NumaNode| Bin { cpus: node.cpus.len(), given: 0, pieces: Vec::new() };
        let mut bins: Vec<Bin> = nodes.iter().map(bin).collect();
        let capacities: Vec<usize> = bins.iter().map(Bin::left).collect();
        let widths: Vec<usize> = widths.iter().map(|width| *width as usize).collect();
        let mut unplaced = Vec::new();
        for (worker, home) in bin_pack(&capacities, &widths, first).into_iter().enumerate() {
            let piece = Piece { worker, width: widths.get(worker).copied().unwrap_or(0) };
            match home.and_then(|home| bins.get_mut(home)) {
                Some(bin) => bin.give(piece),
                None => unplaced.push(piece),
            }
        }
        unplaced.sort_by_key(|piece| Reverse(piece.width));
        Self { bins, unplaced }
    }

    /// Gives the remaining workers the free CPUs of as few nodes as possible: all of the emptiest node until
    /// the rest fits in one node, and then part of the fullest such node.
    pub fn spread_unplaced(&mut self) {
        for Piece { worker, mut width } in self.unplaced.drain(..) {
            while width > 0 {
                let fits = |bin: &&mut Bin| bin.left() >= width;
                let bin = match self.bins.iter_mut().filter(fits).min_by_key(|bin| bin.left()) {
                    Some(bin) => bin,
                    // A bin without free CPUs is never taken: the widths are no more than the CPUs.
                    None => match self.bins.iter_mut().min_by_key(|bin| Reverse(bin.left())) {
                        Some(bin) if bin.left() > 0 => bin,
                        _ => break,
                    },
                };
                let part = bin.left().min(width);
                bin.give(Piece { worker, width: part });
                width -= part;
            }
        }
    }

    /// Puts the remaining workers into nodes as wholes although they do not fit, each into the node that it
    /// overfills the least.
    pub fn squeeze_unplaced(&mut self) {
        for piece in self.unplaced.drain(..) {
            let over = |bin: &&mut Bin| (bin.given + piece.width).saturating_sub(bin.cpus);
            if let Some(bin) = self.bins.iter_mut().min_by_key(over) {
                bin.give(piece);
            }
        }
    }

    /// The pieces in each node.
    pub fn pieces(&self) -> impl Iterator<Item = &[Piece]> {
        self.bins.iter().map(|bin| bin.pieces.as_slice())
    }
}
