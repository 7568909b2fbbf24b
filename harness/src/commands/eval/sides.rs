//! The sides of an evaluation, from what the user names to what is opened.

use std::ffi::OsString;
use std::rc::Rc;

use bench_data::datasets::ImageCache;
use bench_data::source::{Labels, Source};

use super::EvalArgs;
use crate::evaluation::Side;
use crate::exit::Failure;

/// What is compared, opened and not yet scored.
pub(super) struct Sides {
    pub(super) models: Vec<Model>,
    pub(super) reference: Option<Side>,
    /// Images, if there are any.
    pub(super) held_out: Option<Side>,
}

/// The images of a model, or statistics of them.
pub(super) struct Model {
    /// What the user calls it.
    pub(super) name: String,
    pub(super) side: Side,
    /// Classes of its images and of the reference images, where they are to be scored apart.
    pub(super) labels: Option<(Labels, Labels)>,
}

impl Sides {
    /// Opens everything that the user names, so that a wrong path fails before the work starts.
    ///
    /// # Errors
    /// If a source cannot be opened, or options ask for images that are not there.
    pub(super) fn open(args: &EvalArgs) -> anyhow::Result<Self> {
        let (models, reference) = args.named()?;
        let cache = if args.no_cache { None } else { ImageCache::of_user() };
        let options = args.extraction.source_options(cache.as_ref(), args.per_class);
        let open = |text: &OsString| Side::parse(text, &options);
        let sides = models.iter().map(|text| open(text)).collect::<Result<Vec<_>, _>>()?;
        let reference = reference.map(open).transpose()?;
        let flat = args.extraction.source_options(cache.as_ref(), false);
        let open_images =
            |text: &OsString| Source::open(text, &flat).map(|own| Side::Images(Rc::new(own)));
        let held_out = args.held_out.as_ref().map(open_images).transpose()?;
        let named = models.iter().map(|text| text.display().to_string());
        let model = |(name, side): (String, Side)| -> Result<Model, Failure> {
            let labels = labels(args, &side, reference.as_ref(), held_out.is_some())?;
            Ok(Model { name, side, labels })
        };
        let models = named.zip(sides).map(model).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { models, reference, held_out })
    }
}

/// The classes of both sides, if they are asked for. Refuses options that need images which are not there.
fn labels(
    args: &EvalArgs,
    generated: &Side,
    reference: Option<&Side>,
    holds_out: bool,
) -> Result<Option<(Labels, Labels)>, Failure> {
    let images = (generated.images(), reference.and_then(Side::images));
    let needs_images = |option: &str| {
        let text = match reference {
            Some(_) => format!("{option} needs images on both sides, and not statistics"),
            None => {
                format!("{option} needs images to compare with; name REFERENCE after GENERATED")
            }
        };
        images.0.zip(images.1).ok_or(Failure::usage(text))
    };
    let needy = args.metrics.need_images();
    for option in needy.chain(holds_out.then(|| "--held-out".to_owned())) {
        needs_images(&option)?;
    }
    match args.per_class {
        true => common_labels(needs_images("--per-class")?).map(Some),
        false => Ok(None),
    }
}

/// The classes of either side's images, which must have one in common.
fn common_labels((generated, reference): (&Source, &Source)) -> Result<(Labels, Labels), Failure> {
    let labels = |source: &Source| {
        source.labels().ok_or_else(|| {
            Failure::input(format!(
                "{}: the classes of its images are unknown; for --per-class give a dataset split, or a folder or .zip \
                 with a folder for every class",
                source.describe()
            ))
        })
    };
    let (ours, theirs) = (labels(generated)?, labels(reference)?);
    if ours.classes.iter().any(|class| theirs.classes.contains(class)) {
        return Ok((ours, theirs));
    }
    Err(Failure::input(format!(
        "no class is on both sides: {} has {}, {} has {}; name the folders alike",
        generated.describe(),
        ours.classes.join(", "),
        reference.describe(),
        theirs.classes.join(", ")
    )))
}
