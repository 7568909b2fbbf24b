use ndarray::Array2;

use super::*;
use crate::metrics::{Direction, Sample, Values};
use crate::statistics::GaussianStatistics;

fn changes(changes: &[(&str, &str, u64)]) -> Changes {
    let mut all = Changes::new();
    for &(metric, name, value) in changes {
        all.entry(metric.to_owned()).or_default().insert(name.to_owned(), value);
    }
    all
}

fn panel(names: &[&str], of: &[(&str, &str, u64)]) -> Result<Panel, MetricsError> {
    Panel::of_names(Protocol::default(), names, &changes(of))
}

#[test]
fn names_are_trimmed_and_all_means_every_plain_one() {
    let names = |panel: Panel| panel.metrics().iter().map(|m| m.name()).collect::<Vec<_>>();
    assert_eq!(names(panel(&["fid", " kid", "", "fid"], &[]).expect("known")), ["fid", "kid"]);
    let all = names(panel(&["all"], &[]).expect("known"));
    let left_out = METRICS.iter().map(|metric| metric.name()).filter(|name| !all.contains(name));
    assert_eq!(left_out.collect::<Vec<_>>(), ["sfid", "fld"]);
    for none in [&[][..], &[" "], &["fd"]] {
        let error = panel(none, &[]).expect_err("no metric");
        assert!(error.to_string().contains("fid, kid, is"), "{error}");
    }
}

#[test]
fn changes_are_checked_also_where_they_have_no_effect() {
    let found = panel(&["kid", "is"], &[("kid", "subsets", 7), ("prdc", "k", 3)]).expect("sound");
    assert_eq!(found.parameters()["kid"]["subsets"], 7);
    assert_eq!(found.parameters()["kid"]["subset_size"], 1000);
    assert!(!found.parameters().contains_key("prdc"));
    for (wrong, word) in [
        (("kid", "subsets", 0), "kid.subsets is 0; give 1 to"),
        (("kid", "subsets", u64::MAX), "kid.subsets"),
        (("kid", "subset", 3), "subsets, subset_size, seed"),
        (("prdc", "k", 0), "prdc.k"),
        (("fd", "k", 1), "fid, kid, is"),
    ] {
        let error = panel(&["kid"], &[wrong]).expect_err("refused").to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn what_counts_images_shrinks_and_says_so() {
    let mut shrunk = panel(&["all"], &[]).expect("known");
    let notes = shrunk.shrink_to(180);
    assert_eq!(notes, ["KID: subset size is 180 instead of 1000, since there are no more images"]);
    assert_eq!(shrunk.parameters()["kid"]["subset_size"], 180);
    assert_eq!(shrunk.shrink_to(180), [""; 0]);
    assert_eq!(shrunk.shrink_to(1), [""; 0]);
}

#[test]
fn a_metric_that_fails_takes_no_other_with_it() {
    let features = Array2::from_shape_fn((4, 3), |(i, j)| (i * j) as f32);
    let gaussian = GaussianStatistics::from_features(features.view()).expect("enough");
    let sample = Sample { gaussian: Some(&gaussian), ..Sample::default() };
    let evidence = Evidence { generated: sample, reference: Some(sample), held_out: None };
    let panel = panel(&["kid", "fid"], &[]).expect("known");
    let outcomes: Vec<bool> =
        panel.outcomes(&evidence).map(|outcome| outcome.result.is_ok()).collect();
    assert_eq!(outcomes, [false, true]);
    assert!(panel.compute(&evidence).is_err());
}

/// A metric that breaks its promise of finite values.
struct Broken(f64);

impl Metric for Broken {
    fn name(&self) -> &'static str {
        "broken"
    }

    fn title(&self) -> &'static str {
        "Broken"
    }

    fn doc(&self) -> &'static str {
        "a value that is not finite"
    }

    fn measures(&self) -> &'static [Measure] {
        const {
            &[Measure {
                key: "broken",
                title: "Broken",
                unit: "",
                direction: Direction::LowerIsBetter,
                decimals: 0,
                spread: None,
                further: &[],
            }]
        }
    }

    fn needs_reference(&self) -> bool {
        false
    }

    fn needs_activations(&self) -> bool {
        false
    }

    fn compute(&self, _: &Evidence<'_>, _: &Settings) -> Result<Values, MetricsError> {
        Ok(vec![("broken", self.0)])
    }
}

#[test]
fn a_value_that_is_not_finite_is_an_error() {
    for (metric, fits) in
        [(&Broken(1.5), true), (&Broken(f64::NAN), false), (&Broken(f64::INFINITY), false)]
    {
        let panel = Panel::new(Protocol::default(), &[metric], &Changes::new()).expect("sound");
        let result = panel.compute(&Evidence::default());
        assert_eq!(result.is_ok(), fits);
        assert!(result.is_ok_and(|values| values["broken"] == 1.5) || !fits);
    }
}
