use std::cell::RefCell;
use std::path::PathBuf;

use super::*;

/// The shared data folder beside the workspace, where it exists.
fn real_data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    folder.is_dir().then_some(folder)
}

#[test]
fn every_dataset_is_described() {
    for source in DATASETS {
        let name = source.name();
        let namesakes = DATASETS.iter().filter(|other| other.name() == name).count();
        assert_eq!(namesakes, 1, "{name} is listed more than once");
        assert!(!name.contains([':', '/', ' ']), "{name} cannot stand before `:train`");
        assert!(source.about().len() > name.len());
        assert!(source.classes().len() > 1);
        assert!(Split::ALL.into_iter().all(|split| source.split_len(split) > 0));
    }
}

#[test]
fn missing_files_are_an_error_that_lists_where_they_were_looked_for() {
    let root = tempfile::tempdir().unwrap();
    for source in DATASETS.iter().filter(|source| source.needs_files()) {
        let error = load(source.name(), Split::Train, Some(root.path()), &LoadOptions::default())
            .unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, DataError::NotFound { .. }), "{message}");
        assert!(message.contains(root.path().to_str().unwrap()), "{message}");
        assert!(message.contains("--data DIR"), "{message}");
        let fetch = format!("run `bench data fetch {}", source.name());
        assert!(message.contains(&fetch), "{message}");
        let without = load(source.name(), Split::Train, None, &LoadOptions::default());
        assert!(without.unwrap_err().to_string().contains("no data folder was given"));
    }
}

#[test]
fn the_documentation_states_what_is_published() {
    let text = include_str!("../../../../docs/data.md");
    for source in DATASETS {
        assert!(text.contains(&format!("| `{}` |", source.name())), "{}", source.name());
        let Some(publication) = source.published() else { continue };
        assert!(text.contains(publication.page), "{}", publication.page);
        for url in publication.mirrors {
            assert!(text.contains(&format!("`{url}`")), "{url}");
        }
        for folder in publication.folders.iter().filter(|folder| !folder.is_empty()) {
            assert!(text.contains(&format!("`{folder}/`")), "{folder}");
        }
        for file in publication.all_files() {
            let row = format!("`{}` | {} | {} | {} |", file.name, file.size, file.md5, file.sha256);
            assert!(text.contains(&row), "{row}");
        }
    }
}

#[test]
fn what_is_published_is_complete_and_lies_where_the_reader_looks() {
    let hexadecimal = |text: &str, digits: usize| {
        text.len() == digits && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
    };
    let root = tempfile::tempdir().unwrap();
    for source in DATASETS.iter().filter(|source| source.needs_files()) {
        let name = source.name();
        let publication = source.published().unwrap();
        assert!(!publication.licence.is_empty(), "{name}");
        assert!(publication.mirrors.len() > 1, "{name}");
        for url in publication.mirrors {
            assert!(url.starts_with("http") && url.ends_with('/'), "{url}");
        }
        for file in publication.all_files() {
            assert!(hexadecimal(file.md5, 32), "{name}: {}", file.name);
            assert!(hexadecimal(file.sha256, 64), "{name}: {}", file.name);
            assert!(file.contents_sha256.is_none_or(|text| hexadecimal(text, 64)), "{}", file.name);
            assert!(file.size > 0 && !file.name.contains('/'), "{}", file.name);
        }
        // The file that comes last is the one that is looked for, in every folder that is published.
        let last = publication.files.last().unwrap().name;
        let missing = load(name, Split::Train, Some(root.path()), &LoadOptions::default());
        let Err(DataError::NotFound { looked_at, .. }) = missing else { panic!("{missing:?}") };
        let looked_at: Vec<String> = looked_at
            .iter()
            .map(|path| path.display().to_string().replace("[.gz]", ".gz"))
            .collect();
        for folder in publication.places(root.path()) {
            let place = folder.join(last).display().to_string();
            assert!(looked_at.contains(&place), "{place} is not in {looked_at:?}");
        }
    }
}

#[test]
fn names_and_options_out_of_range_are_refused() {
    let message = find("mnits").err().unwrap().to_string();
    assert!(message.contains("did you mean `mnist`"), "{message}");
    assert!("validation".parse::<Split>().is_err());
    let none = LoadOptions { limit: Some(1), ..LoadOptions::default() };
    for options in [
        LoadOptions { size: Some(0), ..none },
        LoadOptions { size: Some(7), ..none },
        LoadOptions { size: Some(MAX_IMAGE_SIDE + 1), ..none },
        LoadOptions { channels: Some(2), ..none },
        LoadOptions { limit: Some(0), ..none },
    ] {
        assert!(load("shapes", Split::Train, None, &options).is_err(), "{options:?}");
    }
}

#[test]
fn luma_has_the_weights_of_bt_601() {
    assert_eq!(luma(&[0; 3]), 0);
    assert_eq!(luma(&[255; 3]), 255);
    assert_eq!([[255, 0, 0], [0, 255, 0], [0, 0, 255]].map(|pixel| luma(&pixel)), [76, 150, 29]);
    assert!((0..=255).all(|grey| luma(&[grey; 3]) == grey));
}

/// Four tiny MNIST files: image `i` is filled with the byte `i`, its label is `i mod 10`.
fn write_mnist(folder: &Path, n: u8) {
    std::fs::create_dir_all(folder).unwrap();
    let images: Vec<u8> = (0..n).flat_map(|index| [index; 784]).collect();
    let labels: Vec<u8> = (0..n).map(|index| index % 10).collect();
    let extents = [u32::from(n), 28, 28].map(u32::to_be_bytes).concat();
    for prefix in ["train", "t10k"] {
        let file = [&[0, 0, 8, 3], &extents[..], &images].concat();
        std::fs::write(folder.join(format!("{prefix}-images-idx3-ubyte")), file).unwrap();
        let file = [&[0, 0, 8, 1], &extents[..4], &labels].concat();
        std::fs::write(folder.join(format!("{prefix}-labels-idx1-ubyte")), file).unwrap();
    }
}

#[test]
fn mnist_is_read_resized_and_replicated() {
    let root = tempfile::tempdir().unwrap();
    write_mnist(&root.path().join("MNIST/raw"), 12);
    let native = load("mnist", Split::Train, Some(root.path()), &LoadOptions::default()).unwrap();
    assert_eq!((native.n, native.height, native.width, native.channels), (12, 28, 28, 1));
    assert_eq!(native.labels.as_ref().unwrap()[9..], [9, 0, 1]);
    assert!(!native.comparable, "12 images are not all of MNIST");

    let options =
        LoadOptions { size: Some(32), channels: Some(3), limit: Some(5), ..Default::default() };
    let resized = load("mnist", Split::Test, Some(root.path()), &options).unwrap();
    assert_eq!((resized.n, resized.height, resized.width, resized.channels), (5, 32, 32, 3));
    assert_eq!(resized.image(4).unwrap(), [4; 3072]);
    assert_eq!(resized.image(5), None);
    assert_ne!(resized.sha256, native.sha256);
}

#[test]
fn mnist_files_that_do_not_belong_together_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("fashion-mnist");
    write_mnist(&folder, 12);
    let images = folder.join("train-images-idx3-ubyte");
    let labels = folder.join("train-labels-idx1-ubyte");
    let whole = std::fs::read(&labels).unwrap();
    let message = |what: &str| {
        let result = load("fashion-mnist", Split::Train, Some(root.path()), &Default::default());
        let message = result.unwrap_err().to_string();
        assert!(message.contains("train-"), "{what}: {message}");
        message
    };

    std::fs::write(&labels, [&[0, 0, 8, 1, 0, 0, 0, 11], &whole[9..]].concat()).unwrap();
    assert!(message("fewer labels").contains("11 labels for 12 images"));
    std::fs::write(&labels, [&whole[..19], &[10]].concat()).unwrap();
    assert!(message("label beyond the classes").contains("above 9"));
    std::fs::remove_file(&labels).unwrap();
    assert!(message("no labels").contains("no train-labels"));
    std::fs::write(&labels, &whole).unwrap();
    std::fs::write(
        &images,
        [&[0, 0, 8, 3][..], &[0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, 2], &[0; 48]].concat(),
    )
    .unwrap();
    assert!(message("other size").contains("2x2"));
}

#[test]
fn progress_ends_at_the_total() {
    let calls = RefCell::new(Vec::new());
    let record = |_, done, total| calls.borrow_mut().push((done, total));
    let options = LoadOptions {
        limit: Some(5000),
        size: Some(8),
        progress: Some(&record),
        ..Default::default()
    };
    load("shapes", Split::Train, None, &options).unwrap();
    let calls = calls.into_inner();
    assert!(calls.is_sorted(), "{calls:?}");
    assert_eq!(calls.last(), Some(&(5000, 5000)));
}

#[test]
fn the_real_mnist_is_whole() {
    let Some(data) = real_data().filter(|data| data.join("mnist").is_dir()) else {
        println!("skipped: shared/data/mnist not found");
        return;
    };
    for (split, n, first) in [(Split::Train, 60_000, 5), (Split::Test, 10_000, 7)] {
        let dataset = load("mnist", split, Some(&data), &LoadOptions::default()).unwrap();
        assert_eq!((dataset.n, dataset.labels.unwrap()[0]), (n, first));
        assert!(dataset.comparable);
        // The mean pixel of MNIST's training images is 0.1307 and of its test images 0.1325.
        let sum: u64 = dataset.images.iter().map(|&byte| u64::from(byte)).sum();
        let mean = sum as f64 / dataset.images.len() as f64 / 255.0;
        let expected = if split == Split::Train { 0.1307 } else { 0.1325 };
        assert!((mean - expected).abs() < 5e-5, "mean {mean}");
    }
}

#[test]
fn the_real_cifar10_is_whole() {
    let Some(data) = real_data().filter(|data| data.join("cifar10-jpeg.zip").is_file()) else {
        println!("skipped: shared/data/cifar10-jpeg.zip not found");
        return;
    };
    for (split, n) in [(Split::Train, 50_000), (Split::Test, 10_000)] {
        let dataset = load("cifar10", split, Some(&data), &LoadOptions::default()).unwrap();
        assert_eq!(dataset.n, n);
        let labels = dataset.labels.unwrap();
        for class in 0..10 {
            assert_eq!(labels.iter().filter(|&&label| label == class).count(), n / 10);
        }
        // Channel means of the training images, as widely used for normalisation.
        let expected = [0.4914, 0.4822, 0.4465];
        for (channel, expected) in expected.into_iter().enumerate() {
            let bytes = dataset.images.iter().skip(channel).step_by(3);
            let mean = bytes.map(|&byte| f64::from(byte)).sum::<f64>() / (n * 1024) as f64 / 255.0;
            // The test images' means lie within 0.004 of the training images'.
            assert!((mean - expected).abs() < 0.006, "{split} channel {channel}: {mean}");
        }
    }
}
