//! A figure with its caption: on a screen they are one picture, in a paper two files.

use super::heading::Heading;
use super::scene::{Scene, SceneSize};
use super::{MARGIN, paint, pdf};
use crate::artifact::Artifact;
use crate::error::ReportError;
use crate::formats::latex::escape::escape;
use crate::tables::stopped;

/// What is said of a figure.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Caption {
    /// What it shows.
    pub(super) title: String,
    /// Where its numbers come from.
    pub(super) provenance: String,
    /// Why its numbers must not be read beside published ones, if they must not.
    pub(super) caveat: Option<String>,
    /// What else is to be seen, a sentence each.
    pub(super) remarks: Vec<String>,
}

/// Which picture files a drawing becomes on a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pictures {
    /// PNG, and SVG, as it scales.
    Scaling,
    /// PNG alone, for what consists of pixels.
    Pixels,
}

/// A figure without title, and its caption.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    pub(super) stem: String,
    pub(super) caption: Caption,
    pub(super) scene: Scene,
    pub(super) pictures: Pictures,
}

impl Drawing {
    /// The figure as `figures/<stem>.png` and, as it scales, `.svg`, with its caption in the picture.
    ///
    /// # Errors
    /// [`ReportError::Figure`] when painting fails.
    pub(crate) fn on_screen(&self) -> Result<Vec<Artifact>, ReportError> {
        let scene = self.with_caption();
        let stem = &self.stem;
        let png = Artifact {
            path: format!("figures/{stem}.png").into(),
            bytes: paint::png(stem, &scene)?,
        };
        if self.pictures == Pictures::Pixels {
            return Ok(vec![png]);
        }
        let bytes = paint::svg(stem, &scene)?.into_bytes();
        Ok(vec![png, Artifact { path: format!("figures/{stem}.svg").into(), bytes }])
    }

    /// The figure alone as `figures/<stem>.pdf`, and `\caption` and `\label` as `figures/<stem>.tex`.
    ///
    /// # Errors
    /// [`ReportError::Figure`] when writing fails.
    pub(crate) fn in_paper(&self) -> Result<[Artifact; 2], ReportError> {
        let stem = &self.stem;
        let label = stem.replace('_', "-");
        let caption = format!("\\caption{{{}}}\n\\label{{fig:{label}}}\n", escape(&self.text()));
        Ok([
            Artifact {
                path: format!("figures/{stem}.pdf").into(),
                bytes: pdf::pdf(stem, &self.scene)?,
            },
            Artifact { path: format!("figures/{stem}.tex").into(), bytes: caption.into_bytes() },
        ])
    }

    /// What its files are called.
    pub(crate) fn stem(&self) -> &str {
        &self.stem
    }

    /// Whether it is set over both columns of a paper.
    pub(crate) fn is_wide(&self) -> bool {
        self.scene.width > super::COLUMN_WIDTH
    }

    /// What it shows, in a few words.
    pub(crate) fn title(&self) -> &str {
        &self.caption.title
    }

    /// The caption as sentences.
    pub(crate) fn text(&self) -> String {
        let Caption { title, provenance, caveat, remarks } = &self.caption;
        let parts = [title, provenance].into_iter().chain(remarks).chain(caveat);
        let sentences = parts.filter(|part| !part.is_empty()).map(|part| stopped(part));
        sentences.collect::<Vec<_>>().join(" ")
    }

    /// The scene between its caption's title and its remarks.
    pub(super) fn with_caption(&self) -> Scene {
        let Caption { title, provenance, caveat, remarks } = &self.caption;
        let SceneSize { width, height } = self.scene.size();
        let room = width - 2.0 * MARGIN;
        let heading = Heading::new(title, provenance, caveat.as_deref(), room);
        let below = Heading::remarks(remarks.iter().map(|remark| stopped(remark)), room);
        let mut whole = Scene::new(width, heading.height() + height + below.height());
        heading.draw(&mut whole, MARGIN, MARGIN);
        whole.append(&self.scene, heading.height());
        below.draw(&mut whole, MARGIN, heading.height() + height - MARGIN);
        whole
    }
}
