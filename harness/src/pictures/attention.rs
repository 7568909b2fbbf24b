//! Where a generator with self-attention looks, as in Zhang et al. 2019, figure 5.

use bench_models::images::ImageShape;
use bench_models::streams::Purpose;
use bench_reports::picture::{AskedPicture, Picture as Drawn};

use super::layout::{block, class_name, plain};
use super::{MOST_IMAGES, Picture, Subject};
use crate::training::error::RunError;

/// Rows where no number is asked for.
const ROWS: u64 = 6;

/// Most rows: their maps are large.
const MOST_ROWS: u64 = 100;

/// The places that look, as shares of height and width.
const PLACES: [(&str, f64, f64); 5] = [
    ("top left", 0.25, 0.25),
    ("top right", 0.25, 0.75),
    ("centre", 0.5, 0.5),
    ("bottom left", 0.75, 0.25),
    ("bottom right", 0.75, 0.75),
];

/// Images, and for five places of each how much they look at every other.
pub(super) struct Attention;

impl Picture for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn doc(&self) -> &'static str {
        "N generated images, each beside what five of its places (green) attend to in the last self-attention layer (6)"
    }

    fn refusal(&self, subject: &Subject, asked: &AskedPicture) -> Option<String> {
        let most = MOST_ROWS.min(MOST_IMAGES / (1 + PLACES.len() as u64));
        if asked.n.is_some_and(|n| n > most) {
            return Some(format!("it has at most {most} rows"));
        }
        subject.refuses_truncation(asked.truncation)
    }

    fn draw(&self, subject: &mut Subject, asked: &AskedPicture) -> Result<Option<Drawn>, RunError> {
        let n = asked.n.unwrap_or(ROWS) as usize;
        let sampler = subject.sampler(asked)?;
        let shown = sampler.shown_classes();
        let labels: Vec<u32> = (0..n).map(|i| shown[i % shown.len()]).collect();
        let Some(maps) = sampler.attention(0, &labels)? else { return Ok(None) };
        let title = "Generated images and what five places (green) of each attend to".to_owned();
        let mut note = subject.note(asked, title)?;
        note.stream = Some(Purpose::PictureLatents.name().to_owned());
        note.image[2] = 3;
        note.columns = 1 + PLACES.len();
        note.column_titles = std::iter::once("image")
            .chain(PLACES.map(|place| place.0))
            .map(str::to_owned)
            .collect();
        let (shape, names) = (sampler.shape(), subject.classes());
        let mut pixels = Vec::new();
        for (i, &label) in labels.iter().enumerate() {
            let image = in_colour(&maps.pixels[i * shape.len()..(i + 1) * shape.len()], shape);
            pixels.extend_from_slice(&image);
            for (_, y, x) in PLACES {
                let at = |share: f64| (share * maps.query_side as f64) as usize;
                let (row, column) = (at(y), at(x));
                let map = maps.map(i, row * maps.query_side + column);
                let mut shown = heated(&image, shape, map, maps.key_side);
                mark(&mut shown, shape, (row, column), maps.query_side);
                pixels.extend(shown);
            }
            let title = match subject.is_conditional() {
                true => class_name(&names, label),
                false => String::new(),
            };
            note.rows.extend(block(&title, plain(note.columns), note.columns));
        }
        Ok(Some(Drawn { note, pixels }))
    }
}

/// The image as RGB.
fn in_colour(image: &[u8], shape: ImageShape) -> Vec<u8> {
    match shape.channels {
        1 => image.iter().flat_map(|&grey| [grey; 3]).collect(),
        _ => image.to_vec(),
    }
}

/// The image darkened, and lit up in red to yellow by the weights `[side^2]`, of which the largest shines most.
fn heated(image: &[u8], shape: ImageShape, weights: &[f32], side: usize) -> Vec<u8> {
    let largest = weights.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let mut shown = Vec::with_capacity(image.len());
    for (index, pixel) in image.chunks_exact(3).enumerate() {
        let (y, x) = (index / shape.width, index % shape.width);
        let weight = weights[y * side / shape.height * side + x * side / shape.width] / largest;
        let grey = pixel.iter().map(|&byte| f32::from(byte)).sum::<f32>() / 3.0;
        let heat = [255.0 * weight.sqrt(), 255.0 * weight * weight, 40.0 * weight];
        shown.extend(heat.map(|heat| (0.35 * grey + 0.75 * heat).round().min(255.0) as u8));
    }
    shown
}

/// Marks the place that looks, one of `side` in a row, in green.
fn mark(image: &mut [u8], shape: ImageShape, (row, column): (usize, usize), side: usize) {
    let ends = |at: usize, length: usize| (at * length / side, ((at + 1) * length / side).max(1));
    let ((top, bottom), (left, right)) = (ends(row, shape.height), ends(column, shape.width));
    for y in top..bottom.max(top + 1) {
        for x in left..right.max(left + 1) {
            let start = (y * shape.width + x) * 3;
            image[start..start + 3].copy_from_slice(&[0, 255, 90]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: ImageShape = ImageShape { height: 4, width: 4, channels: 3 };

    #[test]
    fn weights_light_up_their_part_of_the_image_and_the_place_is_marked() {
        let image = in_colour(&[100; 16], ImageShape { channels: 1, ..SHAPE });
        assert_eq!(image.len(), 48);
        let mut shown = heated(&image, SHAPE, &[0.0, 0.2, 0.05, 0.0], 2);
        let at = |image: &[u8], y: usize, x: usize| image[(y * 4 + x) * 3..][..3].to_vec();
        assert_eq!(at(&shown, 0, 0), [35, 35, 35]);
        assert_eq!(at(&shown, 1, 3), [226, 226, 65]);
        assert!(at(&shown, 2, 1)[0] > 100 && at(&shown, 3, 3) == [35, 35, 35]);
        mark(&mut shown, SHAPE, (1, 0), 2);
        let marked = shown.chunks_exact(3).filter(|pixel| *pixel == [0, 255, 90]).count();
        assert_eq!((marked, at(&shown, 2, 0)), (4, vec![0, 255, 90]));
    }
}
