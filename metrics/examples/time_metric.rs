//! Times one computation on features that numpy wrote, and prints seconds and values as JSON.
//!
//! `scripts/peers/compare.py` runs it beside the reference packages on the same arrays:
//!
//!     time_metric frechet|kid|precision|prdc|vendi|is|statistics THREADS FEATURES.npz [REFERENCE.npz]
//!
//! A file holds the array `features`, `f32`, `[n, d]`; for `is` these are logits.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bench_formats::npz::{Element, NpzFile};
use bench_metrics::metrics::fid::frechet_distance;
use bench_metrics::metrics::inception_score::inception_score;
use bench_metrics::metrics::kid::{Subsets, kernel_distance};
use bench_metrics::metrics::prdc::{Balls, precision_and_coverage};
use bench_metrics::metrics::vendi::vendi_score;
use bench_metrics::{GaussianStatistics, linear_algebra};
use ndarray::{Array2, ArrayView2, s};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Splits of the Inception Score, and seed of all draws, as torch-fidelity has them.
const SPLITS: usize = 10;
const SEED: u32 = 2020;

/// Rows of the warm-up, which starts the threads and touches the code.
const WARM_UP: usize = 16;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok((seconds, values)) => {
            println!("{{\"seconds\": {}, \"values\": {values:?}}}", seconds.as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("time_metric: error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Outcome<(Duration, Vec<f64>)> {
    let [computation, threads, files @ ..] = arguments else {
        return Err("give a computation, the number of threads and files of features".into());
    };
    linear_algebra::set_threads(threads.parse()?);
    let sets = files.iter().map(|file| features(Path::new(file))).collect::<Outcome<Vec<_>>>()?;
    match (computation.as_str(), &sets[..]) {
        ("frechet", [first, second]) => {
            let sides = [first, second].map(|set| GaussianStatistics::from_features(set.view()));
            let [first, second] = sides;
            let (first, second) = (first?, second?);
            timed(|| Ok(vec![frechet_distance(&first, &second)?]))
        }
        ("kid", [first, second]) => {
            let subsets = Subsets { count: 100, size: 1000, seed: SEED };
            timed(|| {
                let kid = kernel_distance(first.view(), second.view(), subsets)?;
                Ok(vec![kid.mean, kid.std])
            })
        }
        ("precision", [first, second]) => {
            let balls = Balls { k: 3, closed: true };
            timed(|| {
                let found = precision_and_coverage(first.view(), second.view(), balls)?;
                Ok(vec![found.precision, found.recall])
            })
        }
        ("prdc", [first, second]) => {
            let balls = Balls { k: 5, closed: false };
            timed(|| {
                let found = precision_and_coverage(second.view(), first.view(), balls)?;
                Ok(vec![found.precision, found.recall, found.density, found.coverage])
            })
        }
        ("vendi", [set]) => timed(|| Ok(vec![vendi_score(set.view(), 1)?])),
        ("is", [logits]) => {
            let score = |logits: ArrayView2<'_, f32>| -> Outcome<Vec<f64>> {
                let score = inception_score(logits, SPLITS, SEED)?;
                Ok(vec![score.mean, score.std])
            };
            score(logits.slice(s![..WARM_UP, ..]))?;
            timed(|| score(logits.view()))
        }
        ("statistics", [set]) => {
            let statistics = |set: ArrayView2<'_, f32>| -> Outcome<Vec<f64>> {
                let statistics = GaussianStatistics::from_features(set)?;
                Ok(vec![statistics.mean().sum(), statistics.covariance().diag().sum()])
            };
            statistics(set.slice(s![..WARM_UP, ..]))?;
            timed(|| statistics(set.view()))
        }
        _ => Err("the computations are frechet A B, kid A B, precision A B, vendi A, is A and statistics A".into()),
    }
}

fn timed(compute: impl FnOnce() -> Outcome<Vec<f64>>) -> Outcome<(Duration, Vec<f64>)> {
    let start = Instant::now();
    let values = compute()?;
    Ok((start.elapsed(), values))
}

fn features(path: &Path) -> Outcome<Array2<f32>> {
    let mut archive = NpzFile::open(path)?;
    let mut array = archive.array("features")?;
    let &[n, d] = array.shape() else {
        return Err(array.refused("features have the shape [n, d]").into());
    };
    if array.element() != Element::F32 || array.is_fortran_order() || n < WARM_UP {
        return Err(array.refused("features are float32 in C order, 16 rows or more").into());
    }
    let mut bytes = vec![0; array.bytes_left()];
    array.read_bytes(&mut bytes)?;
    let values = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
    Ok(Array2::from_shape_vec((n, d), values.collect())?)
}
