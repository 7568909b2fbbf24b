//! Sums of tiles that are done in any order, added in one.

use std::collections::BTreeMap;

use super::Tile;
use crate::metrics::kid::Pair;
use crate::metrics::kid::kernel_sums::{KernelSums, Part};

/// The sums of every pair of subsets over the tiles so far.
pub(super) struct InOrder<'a> {
    tiles: &'a [Tile<'a>],
    /// How many of the tiles have been added.
    added: usize,
    /// The parts of every pair in tiles that wait for one before them.
    waiting: BTreeMap<usize, Vec<Part>>,
    sums: Vec<KernelSums>,
}

impl<'a> InOrder<'a> {
    /// Sums over nothing yet.
    pub(super) fn new(tiles: &'a [Tile<'a>], pairs: &[Pair]) -> Self {
        let sums = pairs.iter().map(|pair| KernelSums::new(pair[0].len())).collect();
        Self { tiles, added: 0, waiting: BTreeMap::new(), sums }
    }

    /// Adds the parts of every pair in a tile, as soon as all tiles before it are there.
    pub(super) fn add(&mut self, tile: usize, parts: Vec<Part>) {
        self.waiting.insert(tile, parts);
        while let Some(parts) = self.waiting.remove(&self.added) {
            let Tile { rows, columns } = &self.tiles[self.added];
            let members = rows.members.iter().zip(&columns.members);
            for ((sums, part), (rows, columns)) in self.sums.iter_mut().zip(&parts).zip(members) {
                sums.add(rows.run, columns.run, part);
            }
            self.added += 1;
        }
    }

    /// The sums once every tile has been added.
    pub(super) fn finish(self) -> Vec<KernelSums> {
        self.sums
    }
}
