//! The nearest neighbours of a point.

/// Takes note of a distance among the smallest ones seen so far, which are in ascending order and infinite where fewer
/// have been seen.
#[inline]
pub(super) fn offer(nearest: &mut [f64], distance: f64) {
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
