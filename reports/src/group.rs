//! Groups: the runs of one experiment, which differ in their seeds only. Tables and figures have a row, a bar or a
//! curve a group, and never one for runs of different settings.

use crate::record::{Kind, Record, Status};
use crate::run::Run;
use crate::settings::{differing, short_names, shown};
use crate::statistics::Sample;

/// More settings than this are no label; the experiment's hash is.
const MOST_SETTINGS: usize = 3;

/// The runs of one suite, name, dataset and experiment, scored alike.
#[derive(Debug, Clone)]
pub(crate) struct Group<'a> {
    /// The runs, in the order of the report.
    pub(crate) runs: Vec<&'a Run>,
    /// One run a seed: of a seed that was run several times, on other devices or threads, the first that is done.
    pub(crate) seeds: Vec<&'a Run>,
    /// The name; where others of the suite share it, with what differs.
    pub(crate) label: String,
    /// What differs from others of the same name: settings or the hash; empty for a name of its own.
    pub(crate) distinction: String,
}

/// What the runs of a group have in common.
fn key(record: &Record) -> [&str; 6] {
    let Record { suite, name, dataset, experiment, protocol, extractor_sha256, .. } = record;
    [suite, name, dataset, experiment, protocol, extractor_sha256]
}

/// Groups the runs, in the order of their first runs.
pub(crate) fn groups(runs: &[Run]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for run in runs {
        match groups.iter_mut().find(|group| key(group.record()) == key(&run.record)) {
            Some(group) => group.runs.push(run),
            None => groups.push(Group {
                runs: vec![run],
                seeds: Vec::new(),
                label: run.record.name.clone(),
                distinction: String::new(),
            }),
        }
    }
    for group in &mut groups {
        group.seeds = one_a_seed(&group.runs);
    }
    let distinctions: Vec<String> =
        groups.iter().map(|group| distinction(group, &groups)).collect();
    for (group, distinction) in groups.iter_mut().zip(distinctions) {
        if !distinction.is_empty() {
            group.label.push_str(&format!(" ({distinction})"));
        }
        group.distinction = distinction;
    }
    groups
}

fn one_a_seed<'a>(runs: &[&'a Run]) -> Vec<&'a Run> {
    let mut seeds: Vec<&'a Run> = Vec::new();
    for &run in runs {
        match seeds.iter_mut().find(|kept| kept.record.seed == run.record.seed) {
            Some(kept) if kept.record.status != Status::Done => {
                if run.record.status == Status::Done {
                    *kept = run;
                }
            }
            Some(_) => {}
            None => seeds.push(run),
        }
    }
    seeds
}

/// Where a name stands for one experiment.
fn place(record: &Record) -> [&str; 4] {
    [&record.suite, &record.name, &record.dataset, &record.budget]
}

/// What tells a group from others of its name that may stand in the same figure or table.
fn distinction(group: &Group<'_>, groups: &[Group<'_>]) -> String {
    let record = group.record();
    let rivals: Vec<&Record> =
        groups.iter().map(Group::record).filter(|rival| place(rival) == place(record)).collect();
    if rivals.len() < 2 {
        return String::new();
    }
    let keys = differing(&rivals);
    let told = |rival: &Record| {
        let names = short_names(&keys);
        let settings = keys.iter().zip(names).map(|(&key, name)| {
            format!("{name} {}", shown(rival.settings.get(key).map(String::as_str)))
        });
        settings.collect::<Vec<_>>().join(", ")
    };
    let own = told(record);
    let unique = rivals.iter().filter(|rival| told(rival) == own).count() == 1;
    if unique && keys.len() <= MOST_SETTINGS {
        own
    } else if rivals.iter().all(|rival| rival.experiment == record.experiment) {
        format!("{}, {}", record.protocol, record.extractor)
    } else {
        record.short_experiment().to_owned()
    }
}

impl<'a> Group<'a> {
    /// The record of the first run: what it says of the experiment holds for all.
    pub(crate) fn record(&self) -> &'a Record {
        &self.runs[0].record
    }

    /// Whether real images were scored, which compete with nothing.
    pub(crate) fn is_real(&self) -> bool {
        self.record().kind == Kind::RealImages
    }

    /// How the seeds ended that did not end as they should, such as `seed 1 diverged at step 1200`.
    pub(crate) fn ending(&self) -> Option<String> {
        let endings = self.seeds.iter().filter_map(|run| {
            let ending = run.record.ending()?;
            Some(match self.seeds.len() {
                1 => ending,
                _ => format!("seed {} {ending}", run.record.seed),
            })
        });
        let endings: Vec<String> = endings.collect();
        (!endings.is_empty()).then(|| endings.join(", "))
    }

    /// A value over the seeds that have it.
    pub(crate) fn sample(&self, value: impl Fn(&Record) -> Option<f64>) -> Option<Sample> {
        let values: Vec<f64> = self.seeds.iter().filter_map(|run| value(&run.record)).collect();
        Sample::of(&values)
    }
}
