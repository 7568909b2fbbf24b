//! Rows of images.

use bench_reports::picture::{PictureCell, PictureRow};

/// Most images beside each other.
pub(super) const WIDEST: usize = 25;

/// Images that belong together, in rows of at most `columns`; the title stands at the first row.
pub(super) fn block(title: &str, cells: Vec<PictureCell>, columns: usize) -> Vec<PictureRow> {
    let rows = cells.chunks(columns.max(1)).enumerate();
    rows.map(|(index, cells)| PictureRow {
        title: if index == 0 { title.to_owned() } else { String::new() },
        images: cells.len(),
        // What is known of no image is left out.
        cells: if cells.iter().all(|cell| *cell == PictureCell::default()) {
            Vec::new()
        } else {
            cells.to_vec()
        },
    })
    .collect()
}

/// So many images of which nothing is known beside the row's title.
pub(super) fn plain(n: usize) -> Vec<PictureCell> {
    vec![PictureCell::default(); n]
}

/// What a class is called.
pub(super) fn class_name(classes: &[String], label: u32) -> String {
    classes.get(label as usize).cloned().unwrap_or_else(|| format!("class {label}"))
}

/// What is to be said of classes that have no training images.
pub(super) fn absent(classes: &[String], all: u64, shown: &[u32]) -> Option<String> {
    let absent = (0..all as u32).filter(|label| !shown.contains(label));
    let names: Vec<String> = absent.map(|label| class_name(classes, label)).collect();
    (!names.is_empty()).then(|| format!("Without training images: {}", names.join(", ")))
}

/// What is to be said where not all classes are shown.
pub(super) fn cut(classes: usize, most: usize) -> Option<String> {
    (classes > most).then(|| format!("The first {most} of {classes} classes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_their_title_once_and_classes_without_images_are_named() {
        let rows = block("cat", plain(5), 2);
        let told: Vec<(&str, usize)> =
            rows.iter().map(|row| (row.title.as_str(), row.images)).collect();
        assert_eq!(told, [("cat", 2), ("", 2), ("", 1)]);
        assert!(rows.iter().all(|row| row.cells.is_empty()));
        let classes = ["cat".to_owned(), "dog".to_owned(), "emu".to_owned()];
        assert_eq!(absent(&classes, 3, &[0, 1, 2]), None);
        assert_eq!(
            absent(&classes, 4, &[1]).unwrap(),
            "Without training images: cat, emu, class 3"
        );
        assert_eq!(cut(102, 50).unwrap(), "The first 50 of 102 classes");
        assert_eq!(cut(10, 50), None);
    }
}
