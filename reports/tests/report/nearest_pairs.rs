use bench_reports::figures::{NearestPair, Thumbnail, nearest_pairs};

const RED: [u8; 3] = [200, 0, 0];
const BLUE: [u8; 3] = [0, 0, 200];

fn pixels(colour: [u8; 3], width: u32, height: u32) -> Vec<u8> {
    colour.repeat((width * height) as usize)
}

#[test]
fn pairs_are_drawn_one_above_the_other_whatever_their_size() {
    // Of either colour: a square, a wide, a tall and a large image, and one of a single pixel.
    let sizes = [(32, 32), (64, 16), (16, 64), (900, 700), (1, 1)];
    let images: Vec<_> =
        sizes.iter().map(|&(w, h)| (pixels(RED, w, h), pixels(BLUE, w, h))).collect();
    let pairs: Vec<NearestPair> = sizes
        .iter()
        .zip(&images)
        .cycle()
        .take(13)
        .map(|(&(width, height), (red, blue))| NearestPair {
            generated: Thumbnail { rgb: red, width, height },
            training: Thumbnail { rgb: blue, width, height },
            distance: 0.25,
            memorized: false,
        })
        .collect();
    let draw = |pairs: &[NearestPair]| {
        let png = nearest_pairs(pairs, "13 of 60 images").expect("a figure");
        image::load_from_memory(&png).expect("a PNG").to_rgb8()
    };
    let figure = draw(&pairs);
    let places = |colour: [u8; 3]| -> Vec<(u32, u32)> {
        let found = figure.enumerate_pixels().filter(|(_, _, pixel)| pixel.0 == colour);
        found.map(|(x, y, _)| (x, y)).collect()
    };
    let (red, blue) = (places(RED), places(BLUE));
    assert!(!red.is_empty());
    assert_eq!(red.len(), blue.len());
    // Each blue image lies where the red one does, lower by the same.
    let drop = blue[0].1 - red[0].1;
    assert!(red.iter().zip(&blue).all(|(red, blue)| (red.0, red.1 + drop) == *blue));

    // The distance of a memorised pair is of another colour.
    let mut memorized = pairs.clone();
    memorized[0].memorized = true;
    assert_ne!(draw(&memorized), figure);
    assert_eq!(draw(&pairs), figure);
    assert!(draw(&pairs[..1]).height() < figure.height());
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    assert!(nearest_pairs(&[], "").is_err());
    for (bytes, width, height) in [(11, 2, 2), (0, 0, 2), (0, 2, 0)] {
        let rgb = vec![0; bytes];
        let odd = Thumbnail { rgb: &rgb, width, height };
        let pair = NearestPair { generated: odd, training: odd, distance: 1.0, memorized: false };
        let error = nearest_pairs(&[pair], "").expect_err("refused").to_string();
        assert!(error.contains("nearest-pairs"), "{error}");
    }
}
