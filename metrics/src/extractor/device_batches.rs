//! Batches of images for a network on a device: the next is made ready on all cores while the device computes, and they become
//! smaller where its memory is short.

use std::sync::mpsc;
use std::thread::{self, Builder};

use ndarray::{Array2, ArrayViewMut2, s};

use super::preprocessing::Preprocessing;
use crate::images::ImageBatch;

/// What goes to a device for one run; what there are no images for is nought.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Input {
    /// Resized and normalised, batch x 3 x side x side.
    Values(Vec<f32>),
    /// As they are, batch x height x width x channels.
    Pixels {
        bytes: Vec<u8>,
        /// Height, width and channels.
        extents: [usize; 3],
    },
}

/// What a network takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Feed {
    /// [`Input::Values`].
    Values,
    /// [`Input::Pixels`].
    Pixels,
}

/// Why a run on a device failed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum RunError {
    /// Its memory is too small for so many images.
    OutOfMemory(String),
    /// The device does not answer as it should.
    Device(String),
    /// The model cannot be computed, or yields values that are not finite.
    Model(String),
}

/// A network on a device.
pub(super) trait DeviceNetwork {
    /// Runs on `batch` images and writes their activations into `targets`, features, logits and spatial features: one row
    /// per image and as many rows as there are, at most `batch`.
    ///
    /// # Errors
    /// [`RunError`].
    fn run(
        &mut self,
        input: Input,
        batch: usize,
        targets: [ArrayViewMut2<'_, f32>; 3],
    ) -> Result<(), RunError>;
}

/// A network on a device and the number of images that it runs on.
#[derive(Debug)]
pub(super) struct DeviceBatches<N> {
    pub(super) network: N,
    pub(super) feed: Feed,
    /// Images in one run, at least 1; always as many, so that a run is computed the same way each time.
    pub(super) batch: usize,
}

impl Feed {
    /// The input of one run, of the images from `start` on.
    fn prepare(
        self,
        preprocessing: &Preprocessing,
        images: &ImageBatch<'_>,
        start: usize,
        batch: usize,
    ) -> Input {
        match self {
            Self::Values => {
                let mut values = vec![0.0; batch * preprocessing.values_per_image()];
                preprocessing.fill_in_parallel(images, start, &mut values);
                Input::Values(values)
            }
            Self::Pixels => {
                let size = images.bytes_per_image();
                let end = images.len().min(start + batch);
                let mut bytes = Vec::with_capacity(batch * size);
                bytes.extend_from_slice(&images.pixels()[start * size..end * size]);
                bytes.resize(batch * size, 0);
                let extents = [images.height(), images.width(), images.channels()];
                Input::Pixels { bytes, extents }
            }
        }
    }
}

impl<N: DeviceNetwork> DeviceBatches<N> {
    /// Extracts the activations of `images` into `targets`: features, logits and spatial features, a row an image. Where the
    /// memory of `device` is short, it goes on with half as many images at a time, and says so.
    ///
    /// # Errors
    /// [`RunError`]; of memory, if it is too small for a single image.
    pub(super) fn extract(
        &mut self,
        device: &str,
        preprocessing: &Preprocessing,
        images: &ImageBatch<'_>,
        mut targets: [&mut Array2<f32>; 3],
    ) -> Result<(), RunError> {
        let mut done = 0;
        loop {
            match self.extract_from(&mut done, preprocessing, images, &mut targets) {
                Err(RunError::OutOfMemory(_)) if self.batch > 1 => {
                    let before = self.batch;
                    self.batch /= 2;
                    log::info!(
                        "the memory of {device} is short: {} images at a time instead of {before}; features may differ in \
                         their last digits",
                        self.batch
                    );
                }
                ended => return ended,
            }
        }
    }

    /// Extracts from the image at `done` on and moves that forward after each run.
    fn extract_from(
        &mut self,
        done: &mut usize,
        preprocessing: &Preprocessing,
        images: &ImageBatch<'_>,
        targets: &mut [&mut Array2<f32>; 3],
    ) -> Result<(), RunError> {
        let Self { network, feed, batch } = self;
        let (feed, batch) = (*feed, *batch);
        let starts = (*done..images.len()).step_by(batch);
        let prepare = move |start| feed.prepare(preprocessing, images, start, batch);
        thread::scope(|scope| {
            // Nothing is queued: one input is made while another is computed.
            let (sender, receiver) = mpsc::sync_channel(0);
            let ahead = starts.clone();
            let send_all = move || {
                // It ends where nobody listens any more.
                let _ = ahead.map(prepare).try_for_each(|input| sender.send(input));
            };
            let is_ahead = Builder::new().spawn_scoped(scope, send_all).is_ok();
            let inputs: Box<dyn Iterator<Item = Input>> = match is_ahead {
                true => Box::new(receiver.into_iter()),
                false => Box::new(starts.map(prepare)),
            };
            for input in inputs {
                let end = images.len().min(*done + batch);
                let rows = targets.each_mut().map(|target| target.slice_mut(s![*done..end, ..]));
                network.run(input, batch, rows)?;
                *done = end;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractor::description::Description;
    use crate::extractor::resize::ResizeRule;

    /// A device whose features of an image are its first value and the number of images in its run, with memory for `most`
    /// images, that goes away before run `lost_at`.
    struct Fake {
        most: usize,
        lost_at: Option<usize>,
        /// Images of each run that was tried.
        tried: Vec<usize>,
    }

    impl DeviceNetwork for Fake {
        fn run(
            &mut self,
            input: Input,
            batch: usize,
            [mut features, ..]: [ArrayViewMut2<'_, f32>; 3],
        ) -> Result<(), RunError> {
            if self.lost_at == Some(self.tried.len()) {
                return Err(RunError::Device("CUDA failure 999".to_owned()));
            }
            self.tried.push(batch);
            if batch > self.most {
                return Err(RunError::OutOfMemory("no room".to_owned()));
            }
            let values: Vec<f32> = match input {
                Input::Values(values) => values,
                Input::Pixels { bytes, .. } => bytes.into_iter().map(f32::from).collect(),
            };
            assert_eq!(values.len() % batch, 0);
            let each = values.chunks_exact(values.len() / batch);
            for (mut row, image) in features.rows_mut().into_iter().zip(each) {
                (row[0], row[1]) = (image[0], batch as f32);
            }
            Ok(())
        }
    }

    fn preprocessing() -> Preprocessing {
        Preprocessing::new(&Description {
            name: "test".to_owned(),
            size: 1,
            resize: ResizeRule::HalfPixel,
            crop: false,
            mean: [0.0; 3],
            std: [1.0; 3],
            features: "features".to_owned(),
            logits: None,
            spatial: None,
        })
    }

    /// What comes of images of the values 0, 1, 2 and so on, `batch` at a time, and the device afterwards.
    fn extract(
        device: Fake,
        feed: Feed,
        n: u8,
        batch: usize,
    ) -> (Result<Vec<[f32; 2]>, RunError>, Fake) {
        let pixels: Vec<u8> = (0..n).collect();
        let images = ImageBatch::new(&pixels, pixels.len(), 1, 1, 1).expect("sound images");
        let mut features = Array2::zeros((pixels.len(), 2));
        let (mut logits, mut spatial) = (Array2::zeros((pixels.len(), 0)), Array2::zeros((0, 0)));
        spatial.clone_from(&logits);
        let mut batches = DeviceBatches { network: device, feed, batch };
        let targets = [&mut features, &mut logits, &mut spatial];
        let ended = batches.extract("cuda:0", &preprocessing(), &images, targets);
        let rows = features.rows().into_iter().map(|row| [row[0], row[1]]).collect();
        (ended.map(|()| rows), batches.network)
    }

    fn fake(most: usize) -> Fake {
        Fake { most, lost_at: None, tried: Vec::new() }
    }

    #[test]
    fn images_come_in_order_and_the_last_run_is_filled_up() {
        for feed in [Feed::Values, Feed::Pixels] {
            let (rows, device) = extract(fake(8), feed, 19, 8);
            let expected: Vec<[f32; 2]> = (0..19).map(|value| [value as f32, 8.0]).collect();
            assert_eq!(rows, Ok(expected), "{feed:?}");
            assert_eq!(device.tried, [8, 8, 8]);
        }
    }

    #[test]
    fn short_memory_halves_the_batch_and_loses_no_image() {
        let (rows, device) = extract(fake(3), Feed::Pixels, 9, 8);
        assert_eq!(device.tried[..3], [8, 4, 2]);
        assert_eq!(rows, Ok((0..9).map(|value| [value as f32, 2.0]).collect()));
    }

    #[test]
    fn memory_too_small_for_one_image_is_an_error() {
        let (rows, device) = extract(fake(0), Feed::Values, 5, 4);
        assert_eq!(rows, Err(RunError::OutOfMemory("no room".to_owned())));
        assert_eq!(device.tried, [4, 2, 1]);
    }

    #[test]
    fn a_device_that_goes_away_ends_the_extraction() {
        let device = Fake { lost_at: Some(2), ..fake(4) };
        let (rows, device) = extract(device, Feed::Values, 40, 4);
        assert_eq!(rows, Err(RunError::Device("CUDA failure 999".to_owned())));
        assert_eq!(device.tried, [4, 4]);
    }

    #[test]
    fn no_images_are_no_runs() {
        let (rows, device) = extract(fake(4), Feed::Pixels, 0, 4);
        assert_eq!((rows, device.tried.len()), (Ok(Vec::new()), 0));
    }
}
