//! The nearest neighbours of many points at once.

/// The `k` smallest distances seen so far of each of n points.
pub(super) struct Nearest {
    k: usize,
    /// Ascending in every row of `k`; infinite where fewer have been seen.
    distances: Vec<f64>,
}

impl Nearest {
    /// No distances yet.
    pub(super) fn new(n: usize, k: usize) -> Self {
        Self { k, distances: vec![f64::INFINITY; n * k] }
    }

    /// Takes note of a distance of `point` to another one.
    #[inline]
    pub(super) fn offer(&mut self, point: usize, distance: f64) {
        let row = &mut self.distances[point * self.k..][..self.k];
        if distance < row[row.len() - 1] {
            let place = row.partition_point(|known| *known <= distance);
            row[place..].rotate_right(1);
            row[place] = distance;
        }
    }

    /// The largest of the `k` distances of every point, `[n]`.
    pub(super) fn farthest(&self) -> Vec<f64> {
        self.distances.chunks_exact(self.k).map(|row| row[self.k - 1]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_stay() {
        let mut nearest = Nearest::new(2, 3);
        for distance in [5.0, 1.0, 4.0, 4.0, 2.0, 9.0] {
            nearest.offer(1, distance);
        }
        assert_eq!(nearest.distances[3..], [1.0, 2.0, 4.0]);
        assert_eq!(nearest.farthest(), [f64::INFINITY, 4.0]);
    }
}
