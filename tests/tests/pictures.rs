//! Pictures of runs: at their end, on request and in reports.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bench_tests::{bench, export_shapes, files_below};
use serde_json::Value;

/// A run of a few steps of narrow networks, in `folder`.
fn run(folder: &Path, variant: &str, dataset: &str, options: &[&str]) -> PathBuf {
    let mut arguments = vec!["run", variant, "--dataset", dataset, "--budget", "smoke"];
    arguments.extend(["--extractor", "embedded", "--threads", "1"]);
    for set in ["steps=3", "batch_size=8", "evaluation.every=3"] {
        arguments.extend(["--set", set]);
    }
    if variant != "gan" {
        arguments.extend(["--set", "generator_channels=8", "--set", "discriminator_channels=8"]);
    }
    arguments.extend(options);
    folder.join(bench(folder, &arguments).success().trim())
}

/// The files of the pictures of a run.
fn pictures(run: &Path) -> BTreeMap<String, Vec<u8>> {
    match run.join("pictures").is_dir() {
        true => files_below(&run.join("pictures")),
        false => BTreeMap::new(),
    }
}

fn note(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Width and height of a PNG.
fn size(png: &[u8]) -> [u32; 2] {
    assert!(png.starts_with(b"\x89PNG"));
    [16, 20].map(|at| u32::from_be_bytes(png[at..at + 4].try_into().unwrap()))
}

/// Titles of rows with the numbers of their images.
fn rows(note: &Value) -> Vec<(String, u64)> {
    let rows = note["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["title"].as_str().unwrap().to_owned(), row["images"].as_u64().unwrap()))
        .collect()
}

fn captions(row: &Value) -> Vec<&str> {
    row["cells"].as_array().unwrap().iter().filter_map(|cell| cell["caption"].as_str()).collect()
}

/// `bench samples RUN --picture NAME`.
fn picture(folder: &Path, run: &Path, name: &str, options: &[&str]) -> bench_tests::Outcome {
    let run = run.to_str().unwrap();
    let out = ["samples", run, "--picture", name, "--threads", "1", "--extractor", "embedded"];
    bench(folder, &[&out, options].concat())
}

#[test]
fn a_run_of_classes_ends_with_its_pictures_and_draws_again_what_it_lacks() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let first = run(root, "cdcgan", "digits", &[]);
    let drawn = pictures(&first);
    let names: Vec<&str> = drawn.keys().map(String::as_str).collect();
    let usual = ["averages", "classes", "interpolations"];
    let expected = usual.map(|name| [format!("{name}.json"), format!("{name}.png")]);
    assert_eq!(names, expected.concat());
    // The budget scores 100 images: a tenth of them, one a class.
    let classes = note(&first.join("pictures/classes.json"));
    let digits: Vec<(String, u64)> = (0..10).map(|digit| (digit.to_string(), 1)).collect();
    assert_eq!(rows(&classes), digits);
    assert_eq!((&classes["step"], &classes["checkpoint"]), (&3.into(), &"last".into()));
    assert_eq!(size(&drawn["classes.png"]), [36, 2 + 10 * 34]);
    let averages = note(&first.join("pictures/averages.json"));
    let named: Vec<&str> = averages["rows"].as_array().unwrap().iter().flat_map(captions).collect();
    assert_eq!(named, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    assert_eq!(size(&drawn["averages.png"]), [2 + 5 * 34, 2 + 2 * 34]);
    assert_eq!(size(&drawn["interpolations.png"]), [2 + 10 * 34, 36]);
    let verify = |code| {
        let checked = bench(root, &["verify", first.to_str().unwrap(), "--no-score"]);
        assert_eq!(checked.code, code, "{}{}", checked.stdout, checked.stderr);
        checked
    };
    verify(0);

    // What is gone, cut or of another step is drawn again, in the same bytes; the run is as it was.
    let record = fs::read(first.join("record.json")).unwrap();
    fs::write(first.join("pictures/classes.png"), &drawn["classes.png"][..60]).unwrap();
    verify(3).failure(3, "not what they should be");
    fs::remove_file(first.join("pictures/averages.json")).unwrap();
    let other = fs::read_to_string(first.join("pictures/interpolations.json")).unwrap();
    let other = other.replace("\"step\": 3", "\"step\": 2");
    fs::write(first.join("pictures/interpolations.json"), other).unwrap();
    assert_eq!(run(root, "cdcgan", "digits", &[]), first);
    assert!(pictures(&first) == drawn, "drawn again, they differ");
    assert_eq!(fs::read(first.join("record.json")).unwrap(), record);
    verify(0);

    // The same seed elsewhere, and none.
    let second = run(root, "cdcgan", "digits", &["--out", "second"]);
    assert!(pictures(&second) == drawn, "the same run has other pictures");
    let without = run(root, "cdcgan", "digits", &["--out", "third", "--pictures", "none"]);
    assert!(pictures(&without).is_empty());
    let lasting = |run: &Path| {
        let mut files = files_below(run);
        files.retain(|name, _| !name.starts_with("pictures") && !bench_tests::tells_of_time(name));
        files
    };
    assert!(lasting(&first) == lasting(&without), "pictures change the run");

    // A run that goes on has pictures of its last step.
    let longer = run(root, "cdcgan", "digits", &["--set", "steps=6"]);
    assert!(!first.exists());
    let of_step = note(&longer.join("pictures/classes.json"))["step"].clone();
    assert_eq!(of_step, 6);
}

#[test]
fn runs_without_labels_show_one_average_and_no_classes() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    export_shapes(root, "mine", "1");
    let asked = "training-images,training-averages,training-classes,images,attention";
    let run = run(root, "gan", "mine", &["--image-size", "16", "--pictures", asked]);
    let drawn = pictures(&run);
    let stems: Vec<&str> = drawn.keys().filter_map(|name| name.strip_suffix(".json")).collect();
    let expected = ["averages", "images", "interpolations", "training-averages", "training-images"];
    assert_eq!(stems, expected);
    for averages in ["averages", "training-averages"] {
        let note = note(&run.join(format!("pictures/{averages}.json")));
        assert_eq!(captions(&note["rows"][0]), ["all images"]);
    }
    let images = note(&run.join("pictures/training-images.json"));
    assert_eq!(rows(&images), vec![(String::new(), 10); 5]);
    // One image is a picture, too.
    for (name, out) in [("images", "one.png"), ("training-images", "real.png")] {
        picture(root, &run, name, &["--n", "1", "--out", out]).success();
        assert_eq!(rows(&note(&root.join(out).with_extension("json"))), [(String::new(), 1)]);
        assert!(size(&fs::read(root.join(out)).unwrap())[0] >= 480);
    }
    for (name, options, part) in [
        ("classes", &[][..], "trained without labels"),
        ("training-classes", &[], "no labels"),
        ("attention", &[], "the generator has none"),
        ("imges", &[], "did you mean `images`"),
        ("images", &["--n", "1001"], "give 1 to 1000"),
        ("truncation", &["--truncation", "0.5"], "several thresholds"),
        ("interpolations", &["--n", "200"], "100 rows"),
        ("images", &["--class", "1"], "trained without labels"),
    ] {
        let options = [options, &["--out", "x.png"]].concat();
        picture(root, &run, name, &options).failure(2, part);
    }
    picture(root, &run, "images", &["--out", "x"]).failure(2, "no PNG file");
    picture(root, &run, "images", &["--out", "one.png"]).failure(2, "exists already");
    fs::rename(root.join("mine"), root.join("gone")).unwrap();
    picture(root, &run, "training-images", &["--out", "x.png"]).failure(3, "mine");
    assert!(!root.join("x.png").exists());
}

#[test]
fn distances_and_scores_are_told_where_an_extractor_is_at_hand() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let asked = "nearest,extremes,pairs,truncation,truncation-scores";
    let run = run(root, "cdcgan", "shapes", &["--pictures", asked]);
    let of = |name: &str| note(&run.join(format!("pictures/{name}.json")));
    let distances = |row: &Value| -> Vec<f64> {
        let cells = row["cells"].as_array().unwrap().iter();
        cells.filter_map(|cell| cell["distance"].as_f64()).collect()
    };
    let nearest = of("nearest");
    assert_eq!(rows(&nearest), vec![(String::new(), 6); 8]);
    for row in nearest["rows"].as_array().unwrap() {
        assert!(distances(row).len() == 5 && distances(row).is_sorted(), "{row}");
        let images: Vec<u64> = row["cells"].as_array().unwrap()[1..]
            .iter()
            .map(|c| c["training"].as_u64().unwrap())
            .collect();
        assert!(images.iter().all(|image| images.iter().filter(|i| *i == image).count() == 1));
    }
    let extremes = of("extremes");
    assert_eq!(rows(&extremes), [("nearest".to_owned(), 10), ("farthest".to_owned(), 10)]);
    let [low, high] = [0, 1].map(|row| distances(&extremes["rows"][row]));
    assert!(low.is_sorted() && high.iter().rev().is_sorted() && low[9] <= high[9]);
    // The same pairs begin the same list.
    let pairs = of("pairs");
    assert_eq!(distances(&pairs["rows"][0]), low);
    assert_eq!(rows(&pairs)[1], ("training".to_owned(), 10));
    // The first image of all has the same nearest training image in both.
    let first = &nearest["rows"][0]["cells"];
    assert_eq!(first[0]["generated"], 0);

    let truncation = of("truncation");
    assert_eq!(rows(&truncation)[2], ("\u{3c8} = 0.5".to_owned(), 10));
    let scores = of("truncation-scores");
    let curves = scores["curves"].as_array().unwrap();
    let measured: Vec<&str> =
        curves.iter().map(|curve| curve["measure"].as_str().unwrap()).collect();
    assert!(measured.contains(&"fid") && measured.contains(&"is_mean"), "{measured:?}");
    assert!(curves.iter().all(|curve| curve["points"].as_array().unwrap().len() == 8));
    assert!(scores["remarks"][0].as_str().unwrap().contains("without truncation"));
    // On request they are the same.
    picture(root, &run, "extremes", &["--out", "extremes.png"]).success();
    let again = note(&root.join("extremes.json"));
    assert_eq!(again["rows"], extremes["rows"]);
    let other = ["--out", "other.png", "--seed", "5", "--class", "2", "--step", "best"];
    picture(root, &run, "classes", &other).success();
    let other = note(&root.join("other.json"));
    assert_eq!(
        (rows(&other).len(), &other["seed"], &other["checkpoint"]),
        (1, &5.into(), &"best".into())
    );
    assert!(other["remarks"].is_null());
}

/// Two runs, one of which is shown at its best, and figures of both.
const SUITE: &str = r#"
    name = "mine"
    title = "Pictures"
    [evaluation]
    generated = 40
    reference = 60
    every = 2
    metrics = ["fid"]
    [[runs]]
    variant = "cdcgan"
    dataset = "digits"
    [[runs]]
    variant = "dcgan"
    dataset = "digits"
    [[runs]]
    name = "left-out"
    variant = "dcgan"
    dataset = "digits"
    set = { latent_dim = 7 }
    [[tables]]
    id = "best"
    title = "Best"
    source = "Nobody 2020"
    reports = "best"
    metrics = ["fid"]
    rows = [{ title = "conditional", run = "cdcgan" }]
    [[figures]]
    id = "samples"
    title = "Samples"
    source = "Nobody 2020, figure 1"
    picture = { name = "images", n = 12 }
    rows = [{ title = "With labels", run = "cdcgan" }, { title = "Without", run = "dcgan" }, { title = "Left out", run = "left-out" }]
    [[figures]]
    id = "real"
    title = "Ten of each class"
    source = "Nobody 2020, figure 2"
    picture = { name = "training-classes", n = 10 }
    [[figures]]
    id = "truncated"
    title = "Truncated"
    source = "Nobody 2020, figure 3"
    picture = { name = "classes", n = 2, truncation = 0.85 }
    rows = [{ title = "With labels", run = "cdcgan" }]
    [budgets.quick]
    runs = ["cdcgan", "dcgan"]
    set = { steps = 4, batch_size = 8, generator_channels = 8, discriminator_channels = 8 }
"#;

#[test]
fn figures_of_a_suite_show_the_pictures_of_its_runs() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    fs::write(root.join("mine.toml"), SUITE).unwrap();
    let all = ["all", "--suite", "mine.toml", "--extractor", "embedded", "--threads", "1"];
    bench(root, &all).success();
    let results = root.join("results");
    let of_run = |name: &str| -> PathBuf {
        let runs = fs::read_dir(results.join("mine")).unwrap();
        let mut runs = runs.map(|entry| entry.unwrap().path());
        runs.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(name)).unwrap()
    };
    let conditional = of_run("cdcgan-");
    let record = note(&conditional.join("record.json"));
    let truncated = note(&conditional.join("pictures/classes-n2-truncation0.85.json"));
    assert_eq!(
        (&truncated["checkpoint"], &truncated["truncation"]),
        (&"best".into(), &0.85.into())
    );
    assert_eq!(truncated["step"], record["best"]["step"]);
    let plain = note(&of_run("dcgan-").join("pictures/images-n12.json"));
    assert_eq!((&plain["checkpoint"], &plain["step"]), (&"last".into(), &4.into()));
    let figure =
        |id: &str| fs::read(results.join(format!("figures/source-mine-{id}.png"))).unwrap();
    // Two runs side by side over both columns, one run in one.
    assert_eq!(size(&figure("samples"))[0], 2880);
    for id in ["real", "truncated"] {
        assert_eq!(size(&figure(id))[0], 1440, "{id}");
    }
    let page = fs::read_to_string(results.join("report.html")).unwrap();
    for part in ["Samples (Nobody 2020, figure 1)", "Not run under this budget: Left out"] {
        assert!(page.contains(part), "{part}");
    }
    // From the records alone, for a paper too.
    let before = files_below(&results.join("figures"));
    bench(root, &["report", "results", "--paper"]).success();
    assert!(files_below(&results.join("figures")) == before);
    let caption =
        fs::read_to_string(results.join("paper/figures/source-mine-truncated.tex")).unwrap();
    assert!(
        caption.contains("2 generated images of each class") && caption.contains("best step"),
        "{caption}"
    );
    assert!(results.join("paper/figures/source-mine-real.pdf").is_file());
    // A picture that cannot be read is named, and the report goes on.
    fs::write(of_run("dcgan-").join("pictures/images-n12.png"), b"no image").unwrap();
    bench(root, &["report", "results"]).success();
    let page = fs::read_to_string(results.join("report.html")).unwrap();
    assert!(page.contains("images-n12.png: not a readable picture"));

    for (from, to, part) in [
        ("name = \"images\"", "name = \"image\"", "did you mean `images`"),
        ("n = 12", "n = 0", "give 1 to 1000"),
        ("truncation = 0.85", "truncation = 3", "at most 2"),
        (
            "picture = { name = \"training-classes\", n = 10 }",
            "shows = [\"fid\"]",
            "`rows` is empty",
        ),
        ("n = 2,", "m = 2,", "m"),
    ] {
        assert!(SUITE.contains(from));
        fs::write(root.join("mine.toml"), SUITE.replacen(from, to, 1)).unwrap();
        bench(root, &all).failure(2, part);
    }
}
