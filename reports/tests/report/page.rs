//! `report.html`: what it holds, that nothing in a name becomes markup, and how large it gets. The pages are left in
//! `target/tmp/page/`, where `tests/browser/report_page.py` opens them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bench_reports::{Results, Run, load_all, render};

use crate::fixture::{
    bare_run, diverged, filmed, full_run, real_images, results, text, with_setting,
};

/// A name that would be markup, end a script, or break a quoted attribute.
const HOSTILE: &str = "</script><script>alert(1)</script> \"quoted\" & 'so' <b>\u{2028}生成 \u{1}";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn page(name: &str, results: &Results) -> String {
    let page = text(&render(results).expect("a report"), "report.html");
    let dir = folder("page");
    std::fs::create_dir_all(&dir).expect("a folder");
    std::fs::write(dir.join(format!("{name}.html")), &page).expect("a page");
    page
}

/// Several experiments and seeds, one that diverged, real images, and one whose names are hostile.
fn twelve() -> Vec<Run> {
    let mut runs = Vec::new();
    for seed in 0..2 {
        let offset = 3.0 * seed as f64;
        runs.push(full_run("dcgan", "cifar10", seed, 38.0 + offset));
        let other = full_run("dcgan", "cifar10", seed, 52.0 - offset);
        runs.push(with_setting(other, "recipe.batch_size", "128"));
        runs.push(full_run("wgan-gp", "cifar10", seed, 61.0 + offset));
        runs.push(filmed(full_run("acgan", "mnist", seed, 24.0 + offset), &folder("grids")));
        runs.push(hostile(full_run(HOSTILE, "cifar10", seed, 71.0 + offset)));
    }
    runs.push(diverged(full_run("lsgan", "cifar10", 0, 90.0), 1200));
    runs.push(real_images("cifar10", 3.15));
    runs
}

/// The run with texts that are hostile as well.
fn hostile(mut run: Run) -> Run {
    let record = &mut run.record;
    for text in [&mut record.extractor, &mut record.device, &mut record.budget] {
        text.push_str(HOSTILE);
    }
    record.notes.push(HOSTILE.to_owned());
    record.settings.insert(format!("recipe.{HOSTILE}"), HOSTILE.to_owned());
    for name in [HOSTILE, "classes-n2"] {
        run.pictures.insert(name.to_owned(), folder("pictures").join(name));
    }
    run
}

/// The page of [`twelve`], drawn once for all tests.
fn page_of_twelve() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| page("twelve", &results(twelve())))
}

fn many() -> Vec<Run> {
    let names = (0..50).map(|index| format!("variant-{index:02}"));
    names
        .zip(0..)
        .flat_map(|(name, index)| {
            (0..4).map(move |seed| {
                let fid = 20.0 + f64::from(index) + 3.0 * seed as f64;
                with_parts(filmed(full_run(&name, "cifar10", seed, fid), &folder("grids")))
            })
        })
        .collect()
}

/// The run with parts of its losses, as runs write them.
fn with_parts(mut run: Run) -> Run {
    for point in &mut run.losses {
        for (part, share) in [
            ("loss_d_fake", 0.4321),
            ("loss_d_real", 0.5678),
            ("score_fake", 0.1234),
            ("score_real", 0.8765),
        ] {
            let value = point.discriminator.map(|loss| share * loss);
            point.parts.extend(value.map(|value| (part.to_owned(), value)));
        }
    }
    run
}

/// The texts of all elements `<name …>…</name>`, in order.
fn contents<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let starts = page.match_indices(&open);
    let element = |start: usize| {
        let rest = &page[start..];
        let rest = &rest[rest.find('>')? + 1..];
        Some(&rest[..rest.find(&close)?])
    };
    starts.filter_map(|(start, _)| element(start)).collect()
}

/// The opening tags of all elements of a name, in order.
fn tags<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!("<{name} ");
    let starts = page.match_indices(&open).map(|(start, _)| start);
    starts.filter_map(|start| Some(&page[start..=start + page[start..].find('>')?])).collect()
}

/// The page without its script, its style and its images, which are text of other kinds.
fn markup(page: &str) -> String {
    let mut markup = page.to_owned();
    for part in contents(page, "script").into_iter().chain(contents(page, "style")) {
        markup = markup.replacen(part, "", 1);
    }
    markup
}

#[test]
fn cards_link_to_the_pictures_of_their_runs() {
    let page = markup(page_of_twelve());
    let cards = contents(&page, "article");
    let with_links = cards.iter().filter(|card| card.contains("/pictures/classes-n2.png\">"));
    assert_eq!(with_links.count(), 2);
    assert_eq!(cards.iter().filter(|card| card.contains("Pictures in its folder")).count(), 2);
}

#[test]
fn nothing_in_a_name_becomes_markup() {
    let page = page_of_twelve();
    let scripts = contents(page, "script");
    assert_eq!(scripts.len(), 2, "the data and the script");
    assert!(!scripts[0].contains('<'), "data without markup");
    let data: serde_json::Value = serde_json::from_str(scripts[0]).expect("JSON");
    let labels = data["runs"].as_array().expect("runs").iter().map(|run| run["label"].as_str());
    assert_eq!(labels.filter(|label| label.expect("a label").contains(HOSTILE)).count(), 2);
    let markup = markup(page);
    assert!(!markup.contains("alert(1)</") && !markup.contains("<b>"), "names are text");
    assert!(markup.contains(
        "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt; &quot;quoted&quot; &amp; &#39;so&#39;"
    ));
    assert!(!page.contains('\u{1}'), "no control characters");
}

#[test]
fn only_its_own_script_may_run_and_nothing_is_fetched() {
    let page = page_of_twelve();
    let [_, script] = contents(page, "script")[..] else { panic!("two scripts") };
    use base64::Engine;
    let digest = <sha2::Sha256 as sha2::Digest>::digest(script);
    let digest = base64::engine::general_purpose::STANDARD.encode(digest);
    assert!(page.contains(&format!("script-src 'sha256-{digest}'")), "the policy names the script");
    for address in ["src=\"http", "href=\"http", "url(http", "@import", "src=\"figures"] {
        assert!(!page.contains(address), "{address}");
    }
}

#[test]
fn every_part_can_be_read_without_a_script() {
    let page = page_of_twelve();
    let markup = markup(page);
    for part in ["summary", "tables", "figures", "runs", "provenance"] {
        let section = format!("<section id=\"{part}\" aria-labelledby=\"{part}-title\">");
        assert!(markup.contains(&section), "{part} is there and not hidden");
        assert!(markup.contains(&format!("<a href=\"#{part}\">")), "{part} is in the navigation");
    }
    for hash in ["ab", "cd", "ef", "12"] {
        assert!(markup.contains(&hash.repeat(32)), "the hash {hash}");
    }
    assert!(markup.contains("<tr><th scope=\"row\">recipe.batch_size</th><td>128</td></tr>"));
    assert!(markup.contains("diverged at step 1200"));
    assert!(markup.contains("<a download=\"comparison.csv\" href=\"data:text/plain"));
}

#[test]
fn tables_and_images_say_what_they_are() {
    let page = page_of_twelve();
    let markup = markup(page);
    let headings = tags(&markup, "th");
    assert!(headings.len() > 100);
    for heading in headings {
        let scopes = ["col", "colgroup", "row"].map(|scope| format!("scope=\"{scope}\""));
        assert!(scopes.iter().any(|scope| heading.contains(scope)), "{heading}");
    }
    assert!(!markup.contains("<th>"), "each heading says of what");
    let images = tags(&markup, "img");
    assert!(images.len() > 12, "{}", images.len());
    for image in images {
        let alt = image.split("alt=\"").nth(1).and_then(|rest| rest.split('"').next());
        assert!(alt.is_some_and(|alt| alt.len() > 20 && !alt.contains("figures/")), "{alt:?}");
    }
    let mut ids: Vec<&str> =
        markup.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "no id stands twice");
}

#[test]
fn runs_without_histories_samples_or_scores_have_a_page() {
    let mut failed = bare_run("dcgan", "cifar10", 0, f64::NAN);
    failed.record.best = None;
    failed.record.untrained.clear();
    failed.record.metrics.clear();
    failed.record.measures.clear();
    failed.origin = Default::default();
    let page = page("one", &results([failed]));
    assert!(page.contains("Nothing was scored."));
    assert!(!page.contains("NaN<") && !page.contains(">null<"));
}

#[test]
fn two_hundred_runs_stay_below_ten_megabytes() {
    let page = page("many", &results(many()));
    let megabytes = page.len() as f64 / 1e6;
    assert!(megabytes < 10.0, "{megabytes:.1} MB");
    assert_eq!(page.matches("<article class=\"card\"").count(), 200);
}

#[test]
fn a_card_shows_how_its_samples_came_about_while_there_is_room() {
    let markup_of_twelve = markup(page_of_twelve());
    let images = tags(&markup_of_twelve, "img");
    let animated: Vec<_> = images.iter().filter(|image| image.contains("image/gif")).collect();
    assert_eq!(animated.len(), 2);
    assert!(animated.iter().all(|image| image.contains("as training goes on")));
    let large = folder("grids").join("large");
    std::fs::create_dir_all(&large).expect("a folder");
    let noise: Vec<u8> = (0_u32..1200 * 1200 * 3).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect();
    let image = image::RgbImage::from_raw(1200, 1200, noise).expect("an image");
    let mut run = full_run("dcgan", "cifar10", 0, 38.0);
    run.grids = [1, 2].map(|step| (step, large.join(format!("{step}.png")))).into();
    for (_, path) in &run.grids {
        image.save(path).expect("a grid");
    }
    let page = text(&render(&results([run])).expect("a report"), "report.html");
    assert!(!page.contains("image/gif"));
    assert!(page.contains("<a href=\"figures/samples-baselines-cifar10-dcgan-s0.gif\">"));
}

#[test]
fn figures_are_said_by_their_captions_and_the_values_they_end_at() {
    let markup = markup(page_of_twelve());
    let images = tags(&markup, "img");
    let alternative = |part: &str| images.iter().find(|image| image.contains(part));
    assert!(
        alternative("FID at the end: dcgan (batch_size 64) 39.50, dcgan (batch_size 128)")
            .is_some()
    );
    assert!(alternative("dcgan (batch_size 64) on cifar10: losses.").is_some());
}

#[test]
fn the_same_runs_give_the_same_page() {
    let again = render(&results(twelve())).expect("a report");
    assert!(text(&again, "report.html") == page_of_twelve());
}

#[test]
fn hashes_come_from_the_folders_of_the_runs() -> Result<(), Box<dyn std::error::Error>> {
    let results = tempfile::tempdir()?;
    for (folder, manifest) in
        [("a", "{\"version\": \"9.8.7\", \"binary_sha256\": \"0d0d\"}"), ("b", "no JSON")]
    {
        let dir = results.path().join("baselines").join(folder);
        std::fs::create_dir_all(&dir)?;
        let record = bare_run(folder, "cifar10", 0, 30.0).record;
        std::fs::write(dir.join("record.json"), record.to_json(Path::new("record.json"))?)?;
        std::fs::write(dir.join("manifest.json"), manifest)?;
        std::fs::write(dir.join("config.toml"), "abc")?;
    }
    let loaded = load_all(results.path())?;
    assert_eq!(loaded.runs.len(), 2, "a run without its manifest is a run");
    let [unreadable] = &loaded.unreadable[..] else { panic!("{:?}", loaded.unreadable) };
    assert!(unreadable.to_string().contains("b/manifest.json: not a manifest"), "{unreadable}");
    let page = text(&render(&loaded)?, "report.html");
    // SHA-256 of `abc`, as FIPS 180-2 gives it.
    let config = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(page.matches(config).count(), 1);
    assert!(page.contains("<td>bench 9.8.7</td><td><code class=\"hash\">0d0d</code></td>"));
    assert!(page.contains("1 file of this results folder could not be read"));
    Ok(())
}
