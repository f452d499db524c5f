use std::cmp::Reverse;

use crate::cores::Piece;
use crate::numa::NumaNode;
use crate::pack::{First, pack};

/// The NUMA nodes of a machine with what each worker is to have of them.
pub struct Rooms {
    rooms: Vec<MemoryShare>,
    /// The workers that fit in no node as a whole, widest first.
    unplaced: Vec<Piece>,
}

struct MemoryShare {
    cpus: usize,
    given: usize,
    pieces: Vec<Piece>,
}

impl MemoryShare {
    fn left(&self) -> usize {
        self.cpus.saturating_sub(self.given)
    }

    fn give(&mut self, piece: Piece) {
        self.given += piece.width;
        self.pieces.push(piece);
    }
}

impl Rooms {
    /// Puts workers into nodes as wholes, as far as they fit.
    pub fn new(nodes: &[NumaNode], widths: &[u32], first: First) -> Self {
        let room =
            |node: &NumaNode| MemoryShare { cpus: node.cpus.len(), given: 0, pieces: Vec::new() };
        let mut rooms: Vec<MemoryShare> = nodes.iter().map(room).collect();
        let capacities: Vec<usize> = rooms.iter().map(MemoryShare::left).collect();
        let widths: Vec<usize> = widths.iter().map(|width| *width as usize).collect();
        let mut unplaced = Vec::new();
        for (worker, home) in pack(&capacities, &widths, first).into_iter().enumerate() {
            let piece = Piece { worker, width: widths.get(worker).copied().unwrap_or(0) };
            match home.and_then(|home| rooms.get_mut(home)) {
                Some(room) => room.give(piece),
                None => unplaced.push(piece),
            }
        }
        unplaced.sort_by_key(|piece| Reverse(piece.width));
        Self { rooms, unplaced }
    }

    /// Gives the remaining workers what is left, of as few nodes as may be: all of the emptiest
    /// until the rest fits in one, and of those the fullest.
    pub fn spread_unplaced(&mut self) {
        for Piece { worker, mut width } in self.unplaced.drain(..) {
            while width > 0 {
                let fits = |room: &&mut MemoryShare| room.left() >= width;
                let room = match self.rooms.iter_mut().filter(fits).min_by_key(|room| room.left()) {
                    Some(room) => room,
                    // Never a room without anything left: the widths are no more than the CPUs.
                    None => match self.rooms.iter_mut().min_by_key(|room| Reverse(room.left())) {
                        Some(room) if room.left() > 0 => room,
                        _ => break,
                    },
                };
                let part = room.left().min(width);
                room.give(Piece { worker, width: part });
                width -= part;
            }
        }
    }

    /// Puts the remaining workers into nodes as wholes although they do not fit, where least is over.
    pub fn squeeze_unplaced(&mut self) {
        for piece in self.unplaced.drain(..) {
            let over =
                |room: &&mut MemoryShare| (room.given + piece.width).saturating_sub(room.cpus);
            if let Some(room) = self.rooms.iter_mut().min_by_key(over) {
                room.give(piece);
            }
        }
    }

    /// The pieces in each node.
    pub fn pieces(&self) -> impl Iterator<Item = &[Piece]> {
        self.rooms.iter().map(|room| room.pieces.as_slice())
    }
}
