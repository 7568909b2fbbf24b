//! The memorisation report: which generated images lie nearest to which training images.

use std::fmt::Write as _;
use std::path::Path;

use bench_data::files::{self, DecodedImage};
use bench_metrics::memorization::{Memorization, Neighbour};
use bench_reports::figures::{NearestPair, Thumbnail, nearest_pairs};

use super::error::EvaluationError;
use super::side::ScoredImages;

/// Pairs in the figure.
const PAIRS: usize = 20;

/// What a memorisation report is made from.
#[derive(Clone, Copy)]
pub struct MemorizationReport<'a> {
    /// The images under evaluation.
    pub generated: &'a ScoredImages,
    /// The images that the model was trained on.
    pub training: &'a ScoredImages,
    /// The distances between them.
    pub memorization: &'a Memorization,
    /// Name of the extractor.
    pub extractor: &'a str,
    /// Number of held-out images behind the threshold.
    pub held_out: u64,
}

/// Writes `nearest-pairs.csv`, with every generated image and its nearest training image, and `nearest-pairs.png`,
/// which shows the nearest of these pairs, into `folder`.
///
/// # Errors
/// If an image cannot be read again, the figure cannot be drawn, or a file cannot be written.
pub fn report_memorization(
    report: &MemorizationReport,
    folder: &Path,
) -> Result<(), EvaluationError> {
    let MemorizationReport { generated, training, memorization, extractor, held_out } = *report;
    let mut pairs: Vec<(usize, Neighbour)> =
        memorization.nearest.iter().copied().enumerate().collect();
    // Stable: pairs at the same distance stay in the order of the generated images.
    pairs.sort_by(|a, b| a.1.distance.total_cmp(&b.1.distance));
    files::write_atomically(&folder.join("nearest-pairs.csv"), table(report, &pairs).as_bytes())?;

    pairs.truncate(PAIRS);
    let places = |images: &ScoredImages, rows: &mut dyn Iterator<Item = usize>| -> Vec<usize> {
        rows.map(|row| images.place_of(row)).collect()
    };
    let ours = places(generated, &mut pairs.iter().map(|pair| pair.0));
    let theirs = places(training, &mut pairs.iter().map(|pair| pair.1.index));
    let ours = generated.source().images_at(&ours)?;
    let theirs = training.source().images_at(&theirs)?;
    let drawn: Vec<NearestPair> = pairs
        .iter()
        .zip(ours.iter().zip(&theirs))
        .map(|(&(row, neighbour), (ours, theirs))| NearestPair {
            generated: thumbnail(ours),
            training: thumbnail(theirs),
            distance: neighbour.distance,
            memorized: memorization.is_memorized(row),
        })
        .collect();
    let subtitle = format!(
        "{} of {} generated images, nearest of {} training images by features of extractor {extractor}; \
         {:.2} % lie below {:.4}, the first percentile of {held_out} held-out images",
        drawn.len(),
        memorization.nearest.len(),
        training.measured().n(),
        100.0 * memorization.share,
        memorization.threshold,
    );
    files::write_atomically(&folder.join("nearest-pairs.png"), &nearest_pairs(&drawn, &subtitle)?)?;
    Ok(())
}

fn table(report: &MemorizationReport, pairs: &[(usize, Neighbour)]) -> String {
    let MemorizationReport { generated, training, memorization, .. } = report;
    let name = |images: &ScoredImages, row| cell(&images.source().name_of(images.place_of(row)));
    let mut text = "generated,training,distance,memorized\n".to_owned();
    for &(row, Neighbour { index, distance }) in pairs {
        let (ours, theirs) = (name(generated, row), name(training, index));
        let _ = writeln!(text, "{ours},{theirs},{distance},{}", memorization.is_memorized(row));
    }
    text
}

/// A cell of a CSV table, quoted where it has to be (RFC 4180).
fn cell(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn thumbnail(image: &DecodedImage) -> Thumbnail<'_> {
    Thumbnail { rgb: &image.pixels, width: image.width, height: image.height }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_are_quoted_where_they_have_to_be() {
        assert_eq!(cell("a/b.png"), "a/b.png");
        assert_eq!(cell("a,\"b\".png"), "\"a,\"\"b\"\".png\"");
    }
}
