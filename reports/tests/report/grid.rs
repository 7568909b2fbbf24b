use bench_reports::grid::{PADDING, sample_grid};

#[test]
fn images_lie_row_by_row_with_white_between() {
    // Three 1 x 2 grey images in two columns.
    let png = sample_grid(&[10, 20, 30, 40, 50, 60], 3, 1, 2, 1, 2).expect("a grid");
    let image = image::load_from_memory(&png).expect("a PNG").to_luma8();
    assert_eq!(image.dimensions(), ((PADDING * 3 + 4) as u32, (PADDING * 3 + 2) as u32));
    let at = |x, y| image.get_pixel(x, y).0[0];
    assert_eq!([at(2, 2), at(3, 2), at(4, 2), at(6, 2), at(7, 2)], [10, 20, 255, 30, 40]);
    assert_eq!([at(2, 5), at(3, 5), at(6, 5)], [50, 60, 255]);
}

#[test]
fn colours_survive() {
    let png = sample_grid(&[1, 2, 3, 200, 100, 50], 1, 2, 1, 3, 8).expect("a grid");
    let image = image::load_from_memory(&png).expect("a PNG").to_rgb8();
    assert_eq!(image.dimensions(), (5, 6));
    assert_eq!(image.get_pixel(2, 2).0, [1, 2, 3]);
    assert_eq!(image.get_pixel(2, 3).0, [200, 100, 50]);
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    for (bytes, n, height, width, channels, columns) in [
        (11, 1, 2, 2, 3, 4),
        (0, 0, 2, 2, 3, 4),
        (12, 1, 2, 2, 3, 0),
        (8, 1, 2, 2, 2, 4),
        (12, usize::MAX, 2, 2, 3, 4),
    ] {
        let error =
            sample_grid(&vec![0; bytes], n, height, width, channels, columns).expect_err("refused");
        assert!(error.to_string().starts_with("cannot lay out a sample grid: "), "{error}");
    }
}
