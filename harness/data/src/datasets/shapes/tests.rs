use super::*;
use crate::datasets::{Dataset, load};

fn shapes(options: LoadOptions<'_>) -> Dataset {
    load("shapes", Split::Train, None, &options).unwrap()
}

fn first(limit: usize) -> LoadOptions<'static> {
    LoadOptions { limit: Some(limit), ..LoadOptions::default() }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
    let once = shapes(first(200));
    assert_eq!(once, shapes(first(200)));
    let other = shapes(LoadOptions { seed: 1, ..first(200) });
    assert_ne!(once.sha256, other.sha256);
    let test = load("shapes", Split::Test, None, &first(200)).unwrap();
    let same = (0..200).filter(|&index| once.image(index) == test.image(index)).count();
    assert_eq!(same, 0, "the splits share images");
}

#[test]
fn one_thread_draws_what_many_draw() {
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(alone.install(|| shapes(first(300))).sha256, shapes(first(300)).sha256);
}

/// Pins the images themselves: whoever changes the drawing raises `VERSION` with this hash.
#[test]
fn the_first_hundred_images_are_pinned() {
    let expected = "a3f1b3f912ef27bc3afa3743f8d586ab26d93b9f4b4776a7e230fc85bc1ad729";
    assert_eq!(shapes(first(100)).sha256, expected);
}

#[test]
fn a_shorter_load_is_a_prefix_of_a_longer_one() {
    let (short, long) = (shapes(first(10)), shapes(first(CHUNK + 10)));
    assert_eq!(short.images[..], long.images[..short.images.len()]);
    assert_eq!(short.labels.unwrap(), (0..10).collect::<Vec<u32>>());
}

#[test]
fn sizes_and_channels_are_drawn_as_asked() {
    for (side, channels) in [(8, 1), (32, 1), (48, 3), (33, 3)] {
        let options = LoadOptions { size: Some(side), channels: Some(channels), ..first(20) };
        let dataset = shapes(options);
        let side = side as usize;
        assert_eq!(dataset.images.len(), 20 * side * side * usize::from(channels));
        assert_eq!((dataset.height, dataset.width), (side, side));
        assert_eq!(dataset.channels, usize::from(channels));
    }
    let grey = shapes(LoadOptions { channels: Some(1), ..first(20) });
    let colour = shapes(first(20));
    let expected: Vec<u8> = colour.images.as_chunks::<3>().0.iter().map(luma).collect();
    assert_eq!(*grey.images, expected);
}

#[test]
fn a_larger_image_shows_the_same_scene() {
    // The mean over each 4x4 block of a 128-pixel image is near the 32-pixel image: antialiasing
    // by analytic coverage is off by a few levels at corners and outlines.
    let small = shapes(first(50));
    let large = shapes(LoadOptions { size: Some(128), ..first(50) });
    let mut error = 0.0;
    for index in 0..50 {
        let (small, large) = (small.image(index).unwrap(), large.image(index).unwrap());
        for (position, &byte) in small.iter().enumerate() {
            let (pixel, channel) = (position / 3, position % 3);
            let (x, y) = (pixel % 32 * 4, pixel / 32 * 4);
            let block = (0..16).map(|inner| {
                f64::from(large[((y + inner / 4) * 128 + x + inner % 4) * 3 + channel])
            });
            error += (block.sum::<f64>() / 16.0 - f64::from(byte)).abs();
        }
    }
    let mean = error / small.images.len() as f64;
    assert!(mean < 1.0, "mean difference of {mean} levels");
}

#[test]
fn images_are_varied() {
    let dataset = shapes(first(500));
    let mut hashes: Vec<&[u8]> = (0..500).map(|index| dataset.image(index).unwrap()).collect();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), 500);
    // The shape stands out: no image is nearly flat.
    for index in 0..500 {
        let image = dataset.image(index).unwrap();
        let mean = image.iter().map(|&byte| f64::from(byte)).sum::<f64>() / 3072.0;
        let variance =
            image.iter().map(|&byte| (f64::from(byte) - mean).powi(2)).sum::<f64>() / 3072.0;
        assert!(variance.sqrt() > 8.0, "image {index} has a deviation of {}", variance.sqrt());
    }
}
