use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

use image::{ImageFormat, RgbImage};

use super::*;
use crate::datasets::{Dataset, Stage, find, load};

/// A folder with the class folders of `cifar10`, two images a class, and one with a cache.
struct Fixture {
    data: tempfile::TempDir,
    root: tempfile::TempDir,
    cache: ImageCache,
}

impl Fixture {
    fn new() -> Self {
        let (data, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (label, class) in find("cifar10").unwrap().classes().iter().enumerate() {
            let folder = data.path().join("train").join(class);
            fs::create_dir_all(&folder).unwrap();
            for position in 0..2 {
                let value = (20 * label + 10 * position) as u8;
                write_image(&folder.join(format!("{position}.png")), value);
            }
        }
        let cache = ImageCache::at(root.path());
        Self { data, root, cache }
    }

    fn load(&self, options: LoadOptions<'_>) -> Dataset {
        load("cifar10", Split::Train, Some(self.data.path()), &options).unwrap()
    }

    fn load_cached(&self) -> Dataset {
        self.load(LoadOptions { cache: Some(&self.cache), ..LoadOptions::default() })
    }

    fn entries(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.root.path().join("images")) else { return vec![] };
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

/// Writes a 32x32 image whose rows differ.
fn write_image(path: &Path, value: u8) {
    let image = RgbImage::from_fn(32, 32, |_, y| image::Rgb([value, y as u8, 200]));
    image.save_with_format(path, ImageFormat::Png).unwrap();
}

/// A key of two images of one row, and its pixels.
fn small() -> (ImageKey, HashedPixels) {
    let (n, shape) = (2, Shape { height: 1, width: 2, channels: 3 });
    let key = ImageKey { text: "two images\n".to_owned(), n, shape };
    let pixels: Vec<u8> = (0..12).collect();
    (key, HashedPixels::new(pixels.into(), n, shape))
}

#[test]
fn the_same_dataset_comes_without_a_cache_into_it_and_out_of_it() {
    let fixture = Fixture::new();
    for form in [
        LoadOptions::default(),
        LoadOptions { size: Some(48), ..LoadOptions::default() },
        LoadOptions { size: Some(16), channels: Some(1), ..LoadOptions::default() },
        LoadOptions { limit: Some(7), channels: Some(3), ..LoadOptions::default() },
    ] {
        let without = fixture.load(form);
        assert!(!without.images.are_mapped());
        let decodings = Cell::new(0);
        let count = |stage, _, _| {
            if stage == Stage::Making {
                decodings.set(decodings.get() + 1);
            }
        };
        let options = LoadOptions { cache: Some(&fixture.cache), progress: Some(&count), ..form };
        let into = fixture.load(options);
        assert!(decodings.get() > 0);
        decodings.set(0);
        let out_of = fixture.load(options);
        assert_eq!(decodings.get(), 0, "{form:?}");
        assert!(into.images.are_mapped() && out_of.images.are_mapped());
        assert_eq!(into, without, "{form:?}");
        assert_eq!(out_of, without, "{form:?}");
    }
    assert_eq!(fixture.entries().len(), 4);
    // The native size by its number is the native size.
    fixture.load(LoadOptions {
        size: Some(32),
        cache: Some(&fixture.cache),
        ..LoadOptions::default()
    });
    assert_eq!(fixture.entries().len(), 4);
}

#[test]
fn another_file_is_another_entry() {
    let fixture = Fixture::new();
    let before = fixture.load_cached();
    let changed = fixture.data.path().join("train/cat/0.png");
    write_image(&changed, 1);
    let after = fixture.load_cached();
    assert_ne!(after, before);
    assert_eq!(after, fixture.load(LoadOptions::default()));
    assert_eq!(fixture.entries().len(), 2);
    // The first one is used again.
    write_image(&changed, 60);
    assert_eq!(fixture.load_cached(), before);
    assert_eq!(fixture.entries().len(), 2);
}

#[test]
fn images_that_lie_in_their_file_or_are_drawn_are_not_kept() {
    let fixture = Fixture::new();
    let options = LoadOptions {
        limit: Some(20),
        cache: Some(&fixture.cache),
        size: Some(8),
        ..LoadOptions::default()
    };
    let shapes = load("shapes", Split::Test, None, &options).unwrap();
    assert!(!shapes.images.are_mapped());
    assert!(fixture.entries().is_empty());
}

#[test]
fn no_cut_and_no_changed_byte_goes_unnoticed() {
    let root = tempfile::tempdir().unwrap();
    let cache = ImageCache::at(root.path());
    let (key, pixels) = small();
    let kept = cache.keep(&key, pixels);
    assert_eq!(*kept.pixels, *small().1.pixels);
    let path = cache.folder.path_of(&key.text);
    let sound = fs::read(&path).unwrap();
    // Replaced as the program does: the mapped file stays as it is.
    let replace = |bytes: &[u8]| crate::files::write_whole(&path, bytes).unwrap();
    for length in 0..sound.len() {
        replace(&sound[..length]);
        assert!(cache.load(&key).is_none(), "cut to {length} bytes");
    }
    for place in 0..sound.len() {
        let mut bytes = sound.clone();
        bytes[place] ^= 0x10;
        replace(&bytes);
        assert!(cache.load(&key).is_none(), "byte {place} changed");
    }
    replace(&[sound.as_slice(), b"x"].concat());
    assert!(cache.load(&key).is_none());
    fs::remove_file(&path).unwrap();
    assert_eq!(*kept.pixels, *small().1.pixels);
    replace(&sound);
    assert_eq!(*cache.load(&key).unwrap().pixels, *kept.pixels);
}

#[test]
fn another_keys_file_under_this_name_is_stale() {
    let root = tempfile::tempdir().unwrap();
    let cache = ImageCache::at(root.path());
    let (key, _) = small();
    for text in ["two Images\n", "two images of others\n"] {
        let (other, pixels) = small();
        let other = ImageKey { text: text.to_owned(), ..other };
        cache.keep(&other, pixels);
        let path = cache.folder.path_of(&key.text);
        fs::rename(cache.folder.path_of(&other.text), &path).unwrap();
        assert!(matches!(entry::read(&path, &key), Err(EntryError::Stale)));
        assert!(cache.load(&key).is_none());
    }
}

#[test]
fn a_place_that_cannot_be_written_is_no_failure() {
    let fixture = Fixture::new();
    let file = fixture.root.path().join("file");
    fs::write(&file, b"").unwrap();
    let cache = ImageCache::at(&file);
    let options = LoadOptions { cache: Some(&cache), ..LoadOptions::default() };
    for _ in 0..2 {
        let loaded = fixture.load(options);
        assert!(!loaded.images.are_mapped());
        assert_eq!(loaded, fixture.load(LoadOptions::default()));
        assert!(cache.is_full.load(Ordering::Relaxed));
    }
}

#[test]
fn bad_images_are_the_same_error_and_nothing_is_kept() {
    let fixture = Fixture::new();
    fs::write(fixture.data.path().join("train/ship/1.png"), "a text").unwrap();
    let message = |cache| {
        let options = LoadOptions { cache, ..LoadOptions::default() };
        let loaded = load("cifar10", Split::Train, Some(fixture.data.path()), &options);
        loaded.unwrap_err().to_string()
    };
    let expected = message(None);
    assert!(expected.contains("ship/1.png"), "{expected}");
    assert_eq!(message(Some(&fixture.cache)), expected);
    assert!(fixture.entries().is_empty());
}

#[test]
fn writers_at_once_leave_a_whole_file() {
    let fixture = Fixture::new();
    let expected = fixture.load(LoadOptions::default());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    // Every other time someone has emptied the cache.
                    let _ = fs::remove_dir_all(fixture.root.path().join("images"));
                    assert_eq!(fixture.load_cached(), expected);
                    assert_eq!(fixture.load_cached(), expected);
                }
            });
        }
    });
}
