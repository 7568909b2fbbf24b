//! The lines at the end of `bench all`.

use bench_reports::screen;

use crate::fixture::{bare_run, real_images, results};

#[test]
fn one_line_an_experiment_and_the_best_has_a_star() {
    let runs = vec![
        bare_run("dcgan", "cifar10", 0, 20.0),
        bare_run("wgan-gp", "cifar10", 0, 10.0),
        real_images("cifar10", 1.0),
    ];
    let text = screen(&results(runs));
    let starred: Vec<&str> = text.lines().filter(|line| line.contains("0*")).collect();
    assert_eq!(starred.len(), 1, "{text}");
    assert!(starred[0].contains("wgan-gp") && starred[0].contains("412.5"), "{text}");
    assert!(text.contains("Not comparable with published values"), "{text}");
}

#[test]
fn a_value_that_rounds_to_zero_has_no_sign() {
    let mut run = bare_run("dcgan", "cifar10", 0, 20.0);
    run.record.metrics.insert("kid_mean".to_owned(), -1e-9);
    let text = screen(&results([run]));
    assert!(text.contains(" 0.0000") && !text.contains("-0.0000"), "{text}");
}

#[test]
fn many_runs_of_long_names_fit_a_screen() {
    let name = |i: usize| format!("a-name-that-is-much-too-long-for-a-terminal-{i}");
    let runs = (0..200).map(|i| bare_run(&name(i), "a-dataset-of-my-own", 0, i as f64 + 1.0));
    let text = screen(&results(runs));
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(text.lines().count() <= 36 && text.contains("and 170 more"), "{text}");
}
