use std::path::Path;

use bench_reports::history::{
    LossColumns, LossPoint, MetricPoint, parse_losses, parse_metrics, write_metrics,
};

use crate::fixture::metrics;

fn losses(csv: &[u8]) -> Vec<LossPoint> {
    parse_losses(csv, Path::new("losses.csv")).expect("losses")
}

fn points(csv: &[u8]) -> Vec<MetricPoint> {
    parse_metrics(csv, Path::new("metrics.csv")).expect("metrics")
}

fn point(step: u64, pairs: &[(&str, f64)]) -> MetricPoint {
    MetricPoint {
        step,
        images_seen: 64 * step,
        values: metrics(pairs),
        n_generated: Some(100),
        n_reference: None,
    }
}

#[test]
fn losses_keep_whole_numbers_gaps_and_further_columns() {
    let losses = losses(
        b"step,loss_d,loss_g,penalty\n1,1,2.5,\n2,NaN,inf,0.25\n18446744073709551615,,-1e-3,nan\n",
    );
    let values: Vec<_> =
        losses.iter().map(|point| (point.step, point.discriminator, point.generator)).collect();
    assert_eq!(
        values,
        [(1, Some(1.0), Some(2.5)), (2, None, None), (u64::MAX, None, Some(-0.001))]
    );
    assert!(losses[0].parts.is_empty());
    assert_eq!(losses[1].parts, metrics(&[("penalty", 0.25)]));
    assert!(losses[2].parts.is_empty());
}

#[test]
fn losses_are_written_row_by_row_and_read_back() {
    let columns = LossColumns::new(&["gradient_penalty".to_owned(), "r1".to_owned()]);
    let written = LossPoint {
        step: 7,
        discriminator: Some(-0.1),
        generator: None,
        parts: metrics(&[("r1", 2e-7), ("not a column", 1.0)]),
    };
    let csv = [columns.header(), columns.row(&written)].concat();
    assert_eq!(
        String::from_utf8(csv.clone()).expect("UTF-8"),
        "step,loss_d,loss_g,gradient_penalty,r1\n7,-0.1,,,0.0000002\n"
    );
    let read = LossPoint { parts: metrics(&[("r1", 2e-7)]), ..written };
    assert_eq!(losses(&csv), [read]);
}

#[test]
fn metrics_are_written_with_the_union_of_their_columns_and_read_back() {
    let written = [
        point(0, &[("fid", 400.0), ("b", 0.5)]),
        point(250, &[("kid_mean", -0.25), ("fid", f64::NAN), ("a", 1.0)]),
    ];
    let csv = write_metrics(&written, &["kid_mean".to_owned(), "fid".to_owned()]);
    assert_eq!(
        String::from_utf8(csv.clone()).expect("UTF-8"),
        "step,images_seen,kid_mean,fid,a,b,n_generated,n_reference\n\
         0,0,,400,,0.5,100,\n\
         250,16000,-0.25,,1,,100,\n"
    );
    let mut finite = written.to_vec();
    finite[1].values.remove("fid");
    assert_eq!(points(&csv), finite);
    assert_eq!(points(&write_metrics(&[], &[])), []);
}

#[test]
fn columns_are_known_by_name_wherever_they_stand() {
    let found =
        points(b"n_reference,fid,images_seen,my own metric,step\n500,1.5,32000,2,500\n,,0,,0\n");
    assert_eq!(found[0].values, metrics(&[("fid", 1.5), ("my own metric", 2.0)]));
    assert_eq!((found[0].step, found[0].images_seen), (500, 32_000));
    assert_eq!((found[0].n_generated, found[0].n_reference), (None, Some(500)));
    assert!(found[1].values.is_empty() && found[1].n_reference.is_none());
}

#[test]
fn a_last_line_without_its_end_is_dropped() {
    assert_eq!(losses(b"step,loss_d,loss_g\n1,0.5,0.5\n2,0.5,0").len(), 1);
    assert_eq!(losses(b"step,loss_d,loss_g\n1,0.5,0.5\n2,").len(), 1);
    assert_eq!(points(b"step,images_seen,fid\n0,0,400\n250,16000,3").len(), 1);
}

#[test]
fn a_history_of_only_a_heading_is_empty() {
    assert_eq!(losses(b"step,loss_d,loss_g\n"), []);
}

#[test]
fn histories_that_are_none_are_refused_by_file() {
    for csv in [
        "",
        "step,loss_d\n1,2\n",
        "step,loss_d,loss_g\n1,two,3\n",
        "step,loss_d,loss_g\n-1,2,3\n",
        "step,loss_d,loss_g\n,2,3\n",
        "step,loss_d,loss_g\n1,2,3,4\n",
        "step,loss_d,loss_g\n1,2\n",
        "step,loss_d,loss_g,part\n1,2,3,four\n",
        "\u{0}\u{1}",
    ] {
        let error = parse_losses(csv.as_bytes(), Path::new("run/losses.csv")).expect_err(csv);
        assert!(
            error.to_string().starts_with("run/losses.csv: not a valid history: "),
            "{csv}: {error}"
        );
    }
}
