//! The nearest neighbours of points among themselves.

use crate::distances::{Points, for_each_block_of_pairs};

/// Squared distances of every point to its `k` nearest other points, ascending, point by point: `[n, k]`.
pub(super) fn squared_nearest(points: &Points<'_>, k: usize) -> Vec<f64> {
    let mut nearest = vec![f64::INFINITY; points.len() * k];
    for_each_block_of_pairs(points, |block| {
        block.by_rows(&mut nearest, k, |nearest, row, distances, first_column| {
            for (column, &distance) in (first_column..).zip(distances) {
                if column > row {
                    offer(nearest, distance);
                }
            }
        });
        block.by_columns(&mut nearest, k, |nearest, row, distances, first_column| {
            let columns = nearest.chunks_exact_mut(k).zip(first_column..);
            for ((nearest, column), &distance) in columns.zip(distances) {
                if column > row {
                    offer(nearest, distance);
                }
            }
        });
    });
    nearest
}

/// Takes note of a distance among the smallest ones seen so far, which are in ascending order and infinite where fewer
/// have been seen.
#[inline]
fn offer(nearest: &mut [f64], distance: f64) {
    if distance < nearest[nearest.len() - 1] {
        let place = nearest.partition_point(|known| *known <= distance);
        nearest[place..].rotate_right(1);
        nearest[place] = distance;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_stay() {
        let mut nearest = [f64::INFINITY; 3];
        offer(&mut nearest, 5.0);
        assert_eq!(nearest, [5.0, f64::INFINITY, f64::INFINITY]);
        for distance in [1.0, 4.0, 4.0, 2.0, 9.0] {
            offer(&mut nearest, distance);
        }
        assert_eq!(nearest, [1.0, 2.0, 4.0]);
    }
}
