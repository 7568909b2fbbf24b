//! Contests: which rows of a table are the best, as far as their seeds can tell.

use crate::measure::Direction;
use crate::statistics::{LEVEL, Sample, holm, welch};

/// One measure of every row; `None` for what was not measured.
pub(crate) struct Discipline {
    pub(crate) direction: Direction,
    pub(crate) samples: Vec<Option<Sample>>,
}

/// Who won, discipline by discipline.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    /// The rows that hold the best mean or cannot be told from it, for each discipline.
    pub(crate) best: Vec<Vec<usize>>,
    /// How many tests were made.
    tests: usize,
    /// Whether some row could not be tested, having one seed.
    untested: bool,
}

/// Judges every discipline. `classes` says for each row which class it starts in; only rows of one class compete, and
/// rows of none compete with nothing. Of a lone row, or of rows that all have the same value, none is the best.
///
/// Where there are several seeds, each row is tested against the best by Welch's test, and the p-values of all these
/// tests, of all disciplines, are adjusted by Holm's method. A row with a single seed cannot be tested; it is the best,
/// or it is not.
pub(crate) fn judge<Class: PartialEq>(
    disciplines: &[Discipline],
    classes: &[Option<Class>],
) -> Verdict {
    let mut verdict = Verdict::default();
    let mut tested: Vec<(usize, usize, f64)> = Vec::new();
    for (index, discipline) in disciplines.iter().enumerate() {
        let mut best = Vec::new();
        for (row, class) in classes.iter().enumerate() {
            let first = classes[..row].iter().all(|earlier| earlier != class);
            if class.is_some() && first {
                let rivals = (row..classes.len()).filter(|&rival| classes[rival] == *class);
                let round = Round::of(discipline, rivals);
                best.extend(&round.best);
                verdict.untested |= round.untested;
                tested.extend(round.tests.iter().map(|&(row, p)| (index, row, p)));
            }
        }
        verdict.best.push(best);
    }
    verdict.tests = tested.len();
    let adjusted = holm(&tested.iter().map(|&(_, _, p)| p).collect::<Vec<_>>());
    for (&(discipline, row, _), p) in tested.iter().zip(adjusted) {
        if p > LEVEL {
            verdict.best[discipline].push(row);
        }
    }
    verdict
}

/// One discipline among the rows of one class.
#[derive(Default)]
struct Round {
    best: Vec<usize>,
    /// The other rows, with the p-value against the best.
    tests: Vec<(usize, f64)>,
    untested: bool,
}

impl Round {
    fn of(discipline: &Discipline, rows: impl Iterator<Item = usize>) -> Self {
        let entrants: Vec<(usize, Sample)> =
            rows.filter_map(|row| Some((row, discipline.samples[row]?))).collect();
        let by_mean = |a: &&(usize, Sample), b: &&(usize, Sample)| {
            discipline.direction.order(a.1.mean, b.1.mean)
        };
        let Some(&(_, winner)) = entrants.iter().min_by(by_mean) else {
            return Self::default();
        };
        if entrants.iter().all(|(_, sample)| sample.mean == winner.mean) {
            return Self::default();
        }
        let mut round = Self::default();
        for (row, sample) in &entrants {
            if sample.mean == winner.mean {
                round.best.push(*row);
            } else if let Some(welch) = welch(sample, &winner) {
                round.tests.push((*row, welch.p));
            } else {
                round.untested = true;
            }
        }
        round
    }
}

impl Verdict {
    /// What bold type means, for a caption; nothing where nothing is bold.
    pub(crate) fn sentence(&self) -> Option<String> {
        const LOTTERY: &str =
            "differences of some per cent mean nothing (Dufour et al. 2026, “The FID Lottery”)";
        match (self.best.iter().all(Vec::is_empty), self.tests, self.untested) {
            (true, ..) => None,
            (false, 0, _) => Some(format!("Bold: the best value; with one seed, {LOTTERY}.")),
            (false, n, untested) => {
                let tests =
                    if n == 1 { "its one test".to_owned() } else { format!("its {n} tests") };
                let mut sentence = format!(
                    "Bold: the best mean, and every mean that cannot be told from it at 5 % (Welch's test, \
                     Holm-corrected over {tests})."
                );
                if untested {
                    sentence.push_str(&format!(
                        " A value of one seed cannot be tested; with one seed, {LOTTERY}."
                    ));
                }
                Some(sentence)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Discipline, Verdict, judge};
    use crate::measure::Direction;
    use crate::statistics::Sample;

    const NOBODY: Vec<usize> = Vec::new();

    fn verdict(rows: &[&[f64]], classes: &[Option<u8>]) -> Verdict {
        let samples = rows.iter().map(|values| Sample::of(values)).collect();
        judge(&[Discipline { direction: Direction::LowerIsBetter, samples }], classes)
    }

    #[test]
    fn what_cannot_be_told_from_the_best_is_bold_too() {
        let rows: [&[f64]; 4] =
            [&[30.0, 34.0, 32.0], &[31.0, 33.5, 30.5], &[60.0, 61.0, 62.0], &[]];
        let verdict = verdict(&rows, &[Some(0); 4]);
        assert_eq!(verdict.best, [vec![1, 0]]);
        assert_eq!((verdict.tests, verdict.untested), (2, false));
        assert!(
            verdict
                .sentence()
                .is_some_and(|text| text.contains("Welch") && text.contains("its 2 tests"))
        );
    }

    #[test]
    fn with_one_seed_only_the_best_value_is_bold() {
        let verdict = verdict(&[&[30.0], &[30.1], &[29.9, 90.0]], &[Some(0); 3]);
        assert_eq!(verdict.best, [vec![0]]);
        assert!(verdict.sentence().is_some_and(|text| text.contains("FID Lottery")));
    }

    #[test]
    fn classes_do_not_compete_and_lone_or_tied_rows_win_nothing() {
        let rows: [&[f64]; 3] = [&[1.0], &[2.0], &[3.0]];
        assert_eq!(verdict(&rows, &[Some(0), Some(1), None]).best, [NOBODY]);
        assert_eq!(verdict(&rows, &[None, Some(1), Some(1)]).best, [vec![1]]);
        let tied = verdict(&[&[1.0], &[1.0]], &[Some(0); 2]);
        let sentence = tied.sentence();
        assert_eq!((tied.best, sentence), (vec![NOBODY], None));
    }
}
