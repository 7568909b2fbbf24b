//! A mixture of isotropic Gaussians around given points, whose widths are fitted.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use crate::distances::{Points, for_each_block};
use crate::error::MetricsError;

/// Step of Adam, its decay rates and the number that keeps it from dividing by nought.
const STEP: f64 = 0.5;
const DECAY: [f64; 2] = [0.9, 0.999];
const EPSILON: f64 = 1e-8;
/// Passes over the points at most, and the change of the loss over five passes below which fitting ends.
const PASSES: usize = 50;
const SETTLED: f64 = 5e-4;
/// Points behind one step.
const BATCH: usize = 10_000;
/// Points whose sums are added up on one thread, in a fixed order.
const PART: usize = 128;
/// Logarithms of squared widths stay within these bounds.
const BOUND: f64 = 40.0;
/// What is added to a squared distance of 0 before its logarithm is taken.
const LEAST_DISTANCE: f64 = 1e-3;
/// Share of a point's distance from the mean at which the wide component that catches it is taken to lie.
const OUTER: f64 = 0.9 * 0.9;

/// Gaussians of equal weight around `centres`, `[m, d]`.
pub(super) struct Mixture<'a> {
    centres: ArrayView2<'a, f32>,
    /// Logarithms of the squared widths, `[m]`.
    widths: Vec<f64>,
}

impl<'a> Mixture<'a> {
    /// The mixture around `centres` under which `points`, `[n, d]`, are most likely, as far as the steps get. While it
    /// is fitted every point has some likelihood by a further Gaussian about the mean.
    pub(super) fn fit(
        centres: ArrayView2<'a, f32>,
        points: ArrayView2<'_, f32>,
    ) -> Result<Self, MetricsError> {
        let d = centres.ncols() as f64;
        let distances = squared_distances(points, centres)?;
        let outer = distances_from_mean(points);
        let nearest = distances.fold_axis(Axis(0), f32::INFINITY, |least, value| least.min(*value));
        let widths = nearest.iter().map(|least| ((f64::from(*least) + LEAST_DISTANCE) / d).ln());
        // The width of the further Gaussian comes last.
        let mut parameters: Vec<f64> = widths.chain([0.0]).collect();
        let mut adam = Adam::new(parameters.len());
        let mut losses: Vec<f64> = Vec::new();
        for pass in 0..PASSES {
            let mut of_batches = Vec::new();
            let batches = distances.axis_chunks_iter(Axis(0), BATCH).zip(outer.chunks(BATCH));
            for (distances, outer) in batches {
                let (loss, gradient) = loss_and_gradient(distances, outer, &parameters, d);
                adam.step(&mut parameters, &gradient);
                let last = parameters.len() - 1;
                parameters[..last].iter_mut().for_each(|width| *width = width.clamp(-BOUND, BOUND));
                of_batches.push(loss);
            }
            let loss = of_batches.iter().sum::<f64>() / of_batches.len() as f64;
            losses.push(loss);
            let recent = losses.iter().rev().take(5);
            if pass > 5 && recent.map(|other| (loss - other).abs()).fold(0.0, f64::max) < SETTLED {
                break;
            }
        }
        parameters.pop();
        Ok(Self { centres, widths: parameters })
    }

    /// Mean negative log-likelihood of `points`, `[n, d]`, divided by d.
    pub(super) fn negative_log_likelihood(
        &self,
        points: ArrayView2<'_, f32>,
    ) -> Result<f64, MetricsError> {
        let d = self.centres.ncols() as f64;
        let components = Components::new(&self.widths, d);
        let mut sum = 0.0;
        // A part of the points at a time, so that memory does not grow with their number.
        for points in points.axis_chunks_iter(Axis(0), BATCH) {
            let distances = squared_distances(points, self.centres)?;
            let likelihoods: Vec<f64> = rows_of(&distances)
                .map_init(Vec::new, |room, row| {
                    components.log_likelihoods(row, room);
                    log_sum_exp(room)
                })
                .collect();
            sum += likelihoods.iter().sum::<f64>();
        }
        Ok(-sum / (points.nrows() as f64 * d))
    }
}

fn rows_of(matrix: &Array2<f32>) -> rayon::slice::Chunks<'_, f32> {
    matrix.as_slice().expect("a row-major matrix").par_chunks(matrix.ncols().max(1))
}

/// Squared distances of every point (rows) from every centre (columns).
fn squared_distances(
    points: ArrayView2<'_, f32>,
    centres: ArrayView2<'_, f32>,
) -> Result<Array2<f32>, MetricsError> {
    let columns = centres.nrows();
    let mut all = vec![0.0_f32; points.nrows() * columns];
    let (points, centres) = (Points::new(points)?, Points::new(centres)?);
    for_each_block(&points, &centres, |block| {
        block.by_rows(&mut all, columns, |row, _, distances, first_column| {
            for (slot, distance) in row[first_column..].iter_mut().zip(distances) {
                *slot = *distance as f32;
            }
        });
    });
    Ok(Array2::from_shape_vec((points.len(), columns), all).expect("a place a pair"))
}

/// Squared distances from the mean, as the further Gaussian counts them.
fn distances_from_mean(points: ArrayView2<'_, f32>) -> Vec<f64> {
    let n = points.nrows() as f64;
    let mean = points.fold_axis(Axis(0), 0.0, |sum, value| sum + f64::from(*value)) / n;
    let distance = |row: ndarray::ArrayView1<'_, f32>| -> f64 {
        row.iter().zip(&mean).map(|(value, mean)| (f64::from(*value) - mean).powi(2)).sum()
    };
    points.outer_iter().map(|row| OUTER * distance(row)).collect()
}

/// What the log-likelihood of a point by each Gaussian needs.
struct Components {
    /// `1 / 2 σ²`.
    rates: Vec<f64>,
    /// The rest, with the Gaussian's weight.
    offsets: Vec<f64>,
}

impl Components {
    fn new(widths: &[f64], d: f64) -> Self {
        let weight = -(widths.len() as f64).ln();
        Self {
            rates: widths.iter().map(|width| 0.5 * (-width).exp()).collect(),
            offsets: widths.iter().map(|width| weight + log_peak(*width, d)).collect(),
        }
    }

    /// Log-likelihoods of a point at these distances from the centres.
    fn log_likelihoods(&self, distances: &[f32], found: &mut Vec<f64>) {
        found.clear();
        let components = self.rates.iter().zip(&self.offsets);
        found.extend(
            distances
                .iter()
                .zip(components)
                .map(|(distance, (rate, offset))| offset - f64::from(*distance) * rate),
        );
    }
}

/// Logarithm of a Gaussian's density at its centre.
fn log_peak(width: f64, d: f64) -> f64 {
    -0.5 * d * (width + std::f64::consts::TAU.ln())
}

fn log_sum_exp(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest + values.iter().map(|value| (value - largest).exp()).sum::<f64>().ln()
}

/// Mean negative log-likelihood per dimension of the points at these distances from the centres and from the mean, and
/// its gradient by the widths.
fn loss_and_gradient(
    distances: ArrayView2<'_, f32>,
    outer: &[f64],
    parameters: &[f64],
    d: f64,
) -> (f64, Vec<f64>) {
    let (outer_width, widths) = parameters.split_last().expect("a further Gaussian");
    let components = Components::new(widths, d);
    let outer_rate = 0.5 * (-outer_width).exp();
    let (n, m) = distances.dim();
    let values = distances.to_slice().expect("rows of a row-major matrix");
    let parts: Vec<(f64, Vec<f64>)> = values
        .par_chunks(PART * m)
        .zip(outer.par_chunks(PART))
        .map(|(rows, outer)| {
            let (mut sum, mut gradient, mut room) = (0.0, vec![0.0; m + 1], Vec::new());
            for (row, outer) in rows.chunks_exact(m).zip(outer) {
                components.log_likelihoods(row, &mut room);
                room.push(log_peak(*outer_width, d) - outer * outer_rate);
                let largest = room.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                room.iter_mut().for_each(|value| *value = (*value - largest).exp());
                let total: f64 = room.iter().sum();
                sum += largest + total.ln();
                let terms = row.iter().map(|distance| f64::from(*distance)).chain([*outer]);
                let rates = components.rates.iter().chain([&outer_rate]);
                for (((slot, share), distance), rate) in
                    gradient.iter_mut().zip(&room).zip(terms).zip(rates)
                {
                    *slot += share / total * (distance * rate - 0.5 * d);
                }
            }
            (sum, gradient)
        })
        .collect();
    let scale = -1.0 / (n as f64 * d);
    let mut gradient = vec![0.0; m + 1];
    for (_, part) in &parts {
        gradient.iter_mut().zip(part).for_each(|(sum, part)| *sum += scale * part);
    }
    (scale * parts.iter().map(|(sum, _)| sum).sum::<f64>(), gradient)
}

/// The optimiser Adam.
struct Adam {
    means: Vec<f64>,
    squares: Vec<f64>,
    steps: i32,
}

impl Adam {
    fn new(parameters: usize) -> Self {
        Self { means: vec![0.0; parameters], squares: vec![0.0; parameters], steps: 0 }
    }

    fn step(&mut self, parameters: &mut [f64], gradient: &[f64]) {
        self.steps += 1;
        let [first, second] = DECAY.map(|decay| 1.0 - decay.powi(self.steps));
        let moments = self.means.iter_mut().zip(&mut self.squares);
        for ((parameter, slope), (mean, square)) in parameters.iter_mut().zip(gradient).zip(moments)
        {
            *mean = DECAY[0] * *mean + (1.0 - DECAY[0]) * slope;
            *square = DECAY[1] * *square + (1.0 - DECAY[1]) * slope * slope;
            *parameter -= STEP * (*mean / first) / ((*square / second).sqrt() + EPSILON);
        }
    }
}
