//! `events/`: what `losses.csv`, `metrics.csv` and `samples/` hold, as TensorBoard reads it.
//!
//! The file is written anew from those when a run starts, and grows with them, so that it is the same file however often the
//! run was stopped. For that, an event's time is no time of day: it is the step in seconds, and what TensorBoard shows as
//! relative time are steps.

mod crc32c;
mod message;

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use bench_data::files::{self, FileError};
use bench_models::trainer::Losses;
use bench_reports::history::{LossPoint, MetricPoint};
use prost::Message as _;

use super::folder::RunFolder;
use message::{Event, Image, Summary, Value};

/// The event file of a run, appended to as the run goes on.
pub(super) struct Events {
    path: PathBuf,
    file: File,
}

impl Events {
    /// Writes the file of a run with this history: losses in the order of steps, evaluations likewise, each of which has a
    /// sample grid in `folder`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn open(
        folder: &RunFolder,
        losses: &[LossPoint],
        points: &[MetricPoint],
    ) -> Result<Self, FileError> {
        let version = Event { file_version: Some("brain.Event:2".to_owned()), ..Event::default() };
        let mut bytes = record(&version);
        let mut points = points.iter().peekable();
        while let Some(point) = points.next_if(|point| point.step == 0) {
            bytes.extend(of_metrics(folder, point));
        }
        for loss in losses {
            bytes.extend(of_losses(loss));
            while let Some(point) = points.next_if(|point| point.step <= loss.step) {
                bytes.extend(of_metrics(folder, point));
            }
        }
        // Where losses are missing.
        points.for_each(|point| bytes.extend(of_metrics(folder, point)));
        let path = folder.events();
        files::write_atomically(&path, &bytes)?;
        let file = OpenOptions::new().append(true).open(&path);
        let file = file.map_err(|error| FileError::io("write", &path, error))?;
        Ok(Self { path, file })
    }

    /// Adds the losses of a step, whose parts have these names.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn push_losses(
        &mut self,
        step: u64,
        losses: &Losses,
        parts: &[String],
    ) -> Result<(), FileError> {
        let parts = parts.iter().cloned().zip(losses.parts.iter().copied());
        self.append(&of_losses(&LossPoint {
            step,
            discriminator: Some(losses.discriminator),
            generator: Some(losses.generator),
            parts: parts.collect(),
        }))
    }

    /// Adds an evaluation and its sample grid.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn push_metrics(
        &mut self,
        folder: &RunFolder,
        point: &MetricPoint,
    ) -> Result<(), FileError> {
        self.append(&of_metrics(folder, point))
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.file.write_all(bytes).map_err(|error| FileError::io("write", &self.path, error))
    }
}

fn of_losses(point: &LossPoint) -> Vec<u8> {
    let LossPoint { step, discriminator, generator, parts } = point;
    let named = [("discriminator", *discriminator), ("generator", *generator)];
    let named = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let parts = parts.iter().map(|(name, value)| (name.as_str(), *value));
    let scalars = named.chain(parts).map(|(name, value)| scalar(format!("loss/{name}"), value));
    record(&summary(*step, scalars.collect()))
}

fn of_metrics(folder: &RunFolder, point: &MetricPoint) -> Vec<u8> {
    let scalars = point.values.iter().map(|(key, value)| scalar(format!("score/{key}"), *value));
    let grid = sample_grid(&folder.grid(point.step));
    record(&summary(point.step, scalars.chain(grid).collect()))
}

fn summary(step: u64, value: Vec<Value>) -> Event {
    Event {
        wall_time: step as f64,
        step: i64::try_from(step).unwrap_or(i64::MAX),
        file_version: None,
        summary: Some(Summary { value }),
    }
}

fn scalar(tag: String, value: f64) -> Value {
    Value { tag, simple_value: Some(value as f32), image: None }
}

/// The PNG file at `path`; none where it is gone.
fn sample_grid(path: &Path) -> Option<Value> {
    let png = fs::read(path).ok()?;
    // Its first chunk is the header, with width and height.
    let number = |at: usize| Some(u32::from_be_bytes(png.get(at..at + 4)?.try_into().ok()?));
    let (width, height) = (number(16)? as i32, number(20)? as i32);
    let image = Image { height, width, colorspace: 3, encoded_image_string: png };
    Some(Value { tag: "samples".to_owned(), simple_value: None, image: Some(image) })
}

/// An event as a record of the file: its length, the event, and the masked CRC-32C of each.
fn record(event: &Event) -> Vec<u8> {
    let bytes = event.encode_to_vec();
    let length = (bytes.len() as u64).to_le_bytes();
    let sums = [crc32c::masked(&length), crc32c::masked(&bytes)].map(u32::to_le_bytes);
    [&length[..], &sums[0], &bytes, &sums[1]].concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn point(step: u64) -> MetricPoint {
        MetricPoint {
            step,
            images_seen: 8 * step,
            values: BTreeMap::from([("fid".to_owned(), 5.5)]),
            n_generated: Some(60),
            n_reference: Some(60),
        }
    }

    #[test]
    fn a_file_that_grew_is_the_one_written_from_the_whole_history() {
        let root = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(root.path());
        let losses = |step: u64| Losses {
            discriminator: 0.5 * step as f64,
            generator: 1.25,
            parts: vec![0.125],
        };
        let parts = ["real".to_owned()];
        let mut events = Events::open(&folder, &[], &[]).unwrap();
        events.push_metrics(&folder, &point(0)).unwrap();
        for step in 1..=4 {
            events.push_losses(step, &losses(step), &parts).unwrap();
        }
        events.push_metrics(&folder, &point(4)).unwrap();
        let grown = fs::read(folder.events()).unwrap();
        let history: Vec<LossPoint> = (1..=4)
            .map(|step| LossPoint {
                step,
                discriminator: Some(0.5 * step as f64),
                generator: Some(1.25),
                parts: BTreeMap::from([("real".to_owned(), 0.125)]),
            })
            .collect();
        Events::open(&folder, &history, &[point(0), point(4)]).unwrap();
        assert!(grown == fs::read(folder.events()).unwrap());
        assert_eq!(grown[8..12], crc32c::masked(&grown[..8]).to_le_bytes());
    }
}
