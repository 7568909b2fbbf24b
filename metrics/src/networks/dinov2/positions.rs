//! Position embeddings at another resolution than they were trained at.

/// Parameters of the cubic convolution: torch's without antialiasing and with it.
const SHARP: f64 = -0.75;
const SMOOTH: f64 = -0.5;

/// What the authors add to the number of patches before they take the scale, without registers.
const OFFSET: f64 = 0.1;

/// Embeddings of a square of patches, `[g · g, width]`, brought to `grid` x `grid`: as the authors' program does, by
/// `torch.nn.functional.interpolate` in mode bicubic. Networks with registers have antialiasing; those without have none,
/// and a scale that is off by a little. `None` if there is no square of patches.
pub(super) fn resized(
    stored: &[f32],
    width: usize,
    grid: usize,
    has_registers: bool,
) -> Option<Vec<f32>> {
    let patches = stored.len().checked_div(width)?;
    let own = patches.isqrt();
    if own * own != patches || own == 0 || grid == 0 {
        return None;
    }
    if own == grid {
        return Some(stored.to_vec());
    }
    let taps: Vec<Vec<(usize, f64)>> = match has_registers {
        true => (0..grid).map(|index| smooth_taps(index, own, grid)).collect(),
        false => (0..grid).map(|index| sharp_taps(index, own, grid)).collect(),
    };
    let mut resized = Vec::with_capacity(grid * grid * width);
    for rows in &taps {
        for columns in &taps {
            let mut sums = vec![0.0_f64; width];
            for (row, row_weight) in rows {
                for (column, column_weight) in columns {
                    let weight = row_weight * column_weight;
                    let patch = &stored[(row * own + column) * width..][..width];
                    for (sum, value) in sums.iter_mut().zip(patch) {
                        *sum += weight * f64::from(*value);
                    }
                }
            }
            resized.extend(sums.iter().map(|sum| *sum as f32));
        }
    }
    Some(resized)
}

/// Four neighbours with their weights; beyond the edge the last one counts again.
fn sharp_taps(index: usize, own: usize, grid: usize) -> Vec<(usize, f64)> {
    let scale = own as f64 / (grid as f64 + OFFSET);
    let at = (index as f64 + 0.5) * scale - 0.5;
    let first = at.floor();
    let neighbour = |step: i64| {
        let place = (first as i64 + step).clamp(0, own as i64 - 1) as usize;
        (place, cubic(at - first - step as f64, SHARP))
    };
    (-1..=2).map(neighbour).collect()
}

/// All neighbours within the filter, which is as much wider as there are more of them.
fn smooth_taps(index: usize, own: usize, grid: usize) -> Vec<(usize, f64)> {
    let scale = own as f64 / grid as f64;
    let stretch = scale.max(1.0);
    let (centre, reach) = ((index as f64 + 0.5) * scale, 2.0 * stretch);
    let first = ((centre - reach + 0.5) as i64).max(0) as usize;
    let end = ((centre + reach + 0.5) as usize).min(own);
    let weight = |place: usize| cubic((place as f64 - centre + 0.5) / stretch, SMOOTH);
    let sum: f64 = (first..end).map(weight).sum();
    (first..end).map(|place| (place, weight(place) / sum)).collect()
}

/// The filter with parameter `a` at a distance from its middle.
fn cubic(distance: f64, a: f64) -> f64 {
    let x = distance.abs();
    match x {
        ..1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
        ..2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * a,
        _ => 0.0,
    }
}
