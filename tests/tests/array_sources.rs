//! Arrays of images in the forms in which people have them: read, or refused with the line of numpy that converts them.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use bench_metrics::{GaussianStatistics, StatisticsFile};
use bench_tests::{bench, eval, export_shapes, metric};
use serde_json::Value;

const E: [&str; 2] = ["--extractor", "embedded"];

/// An array in .npy format.
fn npy(descriptor: &str, fortran: bool, shape: &[usize], data: &[u8]) -> Vec<u8> {
    let sides: String = shape.iter().map(|side| format!("{side},")).collect();
    let fortran = if fortran { "True" } else { "False" };
    let header =
        format!("{{'descr': '{descriptor}', 'fortran_order': {fortran}, 'shape': ({sides}), }}\n");
    let mut array = b"\x93NUMPY\x01\x00".to_vec();
    array.extend((header.len() as u16).to_le_bytes());
    array.extend(header.as_bytes());
    array.extend(data);
    array
}

/// Writes an .npz of these arrays.
fn npz(path: &Path, arrays: &[(&str, Vec<u8>)]) {
    let mut archive = zip::ZipWriter::new(fs::File::create(path).unwrap());
    for (key, array) in arrays {
        archive.start_file(format!("{key}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(array).unwrap();
    }
    archive.finish().unwrap();
}

const N: usize = 24;
const SIDE: usize = 8;

/// Pixel (y, x) of image number `n`, channel `c`.
fn pixel(n: usize, y: usize, x: usize, c: usize) -> u8 {
    ((n * 37 + y * 11 + x * (3 + n % 5) + c * 50) % 256) as u8
}

/// The pixels of all images, the last index of `order` running fastest.
fn pixels(channels: usize, fortran: bool) -> Vec<u8> {
    let mut data = vec![0; N * SIDE * SIDE * channels];
    for n in 0..N {
        for y in 0..SIDE {
            for x in 0..SIDE {
                for c in 0..channels {
                    let index = match fortran {
                        true => n + N * (y + SIDE * (x + SIDE * c)),
                        false => c + channels * (x + SIDE * (y + SIDE * n)),
                    };
                    data[index] = pixel(n, y, x, c);
                }
            }
        }
    }
    data
}

/// Mean and covariance, which must be the same to the bit.
fn statistics(root: &Path, source: &str) -> GaussianStatistics {
    let out = format!("{source}-statistics.npz");
    bench(root, &[&["stats", source, &out], &E[..]].concat()).success();
    StatisticsFile::read(&root.join(out)).unwrap().gaussian
}

#[test]
fn grey_and_fortran_order_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let put = |name: &str, fortran, shape: &[usize], data: &[u8]| {
        npz(&root.join(name), &[("arr_0", npy("|u1", fortran, shape, data))]);
        statistics(root, name)
    };
    let rgb = put("rgb.npz", false, &[N, SIDE, SIDE, 3], &pixels(3, false));
    assert!(rgb == put("fortran.npz", true, &[N, SIDE, SIDE, 3], &pixels(3, true)));
    let grey = pixels(1, false);
    let tripled: Vec<u8> = grey.iter().flat_map(|&value| [value; 3]).collect();
    let expected = put("tripled.npz", false, &[N, SIDE, SIDE, 3], &tripled);
    assert!(expected != rgb);
    assert!(expected == put("grey.npz", false, &[N, SIDE, SIDE], &grey));
    assert!(expected == put("one.npz", false, &[N, SIDE, SIDE, 1], &grey));
    assert!(expected == put("grey-fortran.npz", true, &[N, SIDE, SIDE], &pixels(1, true)));
}

#[test]
fn other_forms_are_named_with_the_line_that_converts_them() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let floats = |least: f32, most: f32| -> Vec<u8> {
        let count = 2 * SIDE * SIDE * 3;
        let value = |i: usize| least + (most - least) * i as f32 / (count - 1) as f32;
        (0..count).flat_map(|i| value(i).to_le_bytes()).collect()
    };
    let last = [2, SIDE, SIDE, 3];
    let cases: [(&str, &str, Vec<u8>, &[&str]); 9] = [
        (
            "signed",
            "arr_0",
            npy("<f4", false, &last, &floats(-1.0, 1.0)),
            &["float32", "((x + 1) * 127.5)"],
        ),
        ("unit", "arr_0", npy("<f4", false, &last, &floats(0.0, 1.0)), &["float32", "(x * 255)"]),
        (
            "bytes",
            "arr_0",
            npy("<f4", false, &last, &floats(0.0, 255.0)),
            &["x.round().clip(0, 255)"],
        ),
        (
            "nchw",
            "arr_0",
            npy("|u1", false, &[2, 3, SIDE, SIDE], &[7; 384]),
            &["x.transpose(0, 2, 3, 1)"],
        ),
        ("rgba", "arr_0", npy("|u1", false, &[2, SIDE, SIDE, 4], &[7; 512]), &["x[..., :3]"]),
        ("deep", "arr_0", npy("<u2", false, &last, &[7; 768]), &["uint16", "(x // 257)"]),
        ("half", "arr_0", npy("<f2", false, &last, &[0; 768]), &["float16", "x.min() < 0"]),
        ("other", "images", npy("|u1", false, &last, &[7; 384]), &["[\"images\"]", "arr_0=x)"]),
        (
            "flat",
            "arr_0",
            npy("|u1", false, &[2, 192], &[7; 384]),
            &["[n, height, width, 3]", "[2, 192]"],
        ),
    ];
    for (name, key, array, parts) in cases {
        let file = format!("{name}.npz");
        npz(&root.join(&file), &[(key, array)]);
        let outcome = bench(root, &[&["stats", &file, "out.npz"], &E[..]].concat());
        for part in parts.iter().chain(&[file.as_str()]) {
            assert!(outcome.stderr.contains(part), "`{part}` is not in {}", outcome.stderr);
        }
        assert!(!root.join("out.npz").exists());
        outcome.failure(3, "");
    }
    fs::write(root.join("a.npy"), npy("|u1", false, &last, &[7; 384])).unwrap();
    fs::write(root.join("a.pkl"), b"\x80\x04.").unwrap();
    for (file, part) in [("a.npy", "numpy.load(\"a.npy\")"), ("a.pkl", "only if you trust it")] {
        let outcome = bench(root, &[&["eval", file, "a.npy"], &E[..]].concat());
        assert!(outcome.stderr.contains("a-uint8.npz"), "{}", outcome.stderr);
        outcome.failure(3, part);
    }
}

#[test]
fn images_and_statistics_in_one_file_have_one_meaning_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    export_shapes(root, "a", "1");
    bench(root, &[&["stats", "a", "a.npz"], &E[..]].concat()).success();
    let mut arrays = vec![("arr_0", npy("|u1", false, &[N, SIDE, SIDE, 3], &pixels(3, false)))];
    let mut made = zip::ZipArchive::new(fs::File::open(root.join("a.npz")).unwrap()).unwrap();
    for key in ["mu", "sigma"] {
        let mut bytes = Vec::new();
        std::io::copy(&mut made.by_name(&format!("{key}.npy")).unwrap(), &mut bytes).unwrap();
        arrays.push((key, bytes));
    }
    npz(&root.join("both.npz"), &arrays);

    let warned = |report: &Value| {
        report["warnings"].to_string().contains("`both.npz:arr_0` names the images alone")
    };
    let statistics = eval(root, &["a", "both.npz", "--metrics", "fid", E[0], E[1]]);
    assert!(warned(&statistics), "{statistics}");
    assert!(metric(&statistics, "fid").abs() < 1e-6);
    let images = eval(root, &["a", "both.npz:arr_0", "--metrics", "fid", E[0], E[1]]);
    assert!(!warned(&images) && metric(&images, "fid") > 1.0, "{images}");
    let both = eval(root, &["a", "both.npz", "--metrics", "fid,prdc", E[0], E[1]]);
    assert!(warned(&both) && metric(&both, "fid").abs() < 1e-6, "{both}");
    let alone = eval(root, &["a", "both.npz:arr_0", "--metrics", "prdc", E[0], E[1]]);
    for key in ["precision", "recall", "density", "coverage"] {
        assert_eq!(metric(&both, key), metric(&alone, key), "{key}");
    }
    let stats = bench(root, &["stats", "both.npz", "out.npz", E[0], E[1]]);
    assert!(stats.stderr.contains("left out are its statistics"), "{}", stats.stderr);
    stats.success();
}
