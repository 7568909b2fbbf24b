//! One figure with the files that it was drawn as.

use std::path::{Path, PathBuf};

use crate::artifact::Artifact;

/// The files of one figure, which differ in their extensions.
pub(super) struct Drawn<'a> {
    /// Their path without extension.
    stem: PathBuf,
    files: Vec<(&'a str, &'a [u8])>,
}

/// The kinds of images that browsers show, best first: what scales before what does not.
const SHOWN: &[(&str, &str)] =
    &[("svg", "svg+xml"), ("png", "png"), ("gif", "gif"), ("jpg", "jpeg")];

/// The figures among these files, in their order; what is no image is left out.
pub(super) fn drawn(artifacts: &[Artifact]) -> Vec<Drawn<'_>> {
    let mut all: Vec<Drawn<'_>> = Vec::new();
    for artifact in artifacts {
        let stem = artifact.path.with_extension("");
        let extension = artifact.path.extension().and_then(|extension| extension.to_str());
        let file = (extension.unwrap_or_default(), artifact.bytes.as_slice());
        match all.iter_mut().find(|drawn| drawn.stem == stem) {
            Some(drawn) => drawn.files.push(file),
            None => all.push(Drawn { stem, files: vec![file] }),
        }
    }
    all.retain(|drawn| SHOWN.iter().any(|(extension, _)| drawn.bytes(extension).is_some()));
    all
}

impl<'a> Drawn<'a> {
    /// The file with this extension.
    pub(super) fn bytes(&self, extension: &str) -> Option<&'a [u8]> {
        self.files.iter().find(|file| file.0 == extension).map(|file| file.1)
    }

    /// The extension of the file that the page shows.
    pub(super) fn shown(&self) -> &'static str {
        let shown = SHOWN.iter().find(|(extension, _)| self.bytes(extension).is_some());
        shown.map_or("png", |(extension, _)| extension)
    }

    /// What the page shows: its kind of image and its bytes.
    pub(super) fn whole(&self) -> (&'static str, &'a [u8]) {
        let image =
            SHOWN.iter().find_map(|(extension, kind)| Some((*kind, self.bytes(extension)?)));
        image.unwrap_or(("png", &[]))
    }

    /// The extensions of its files.
    pub(super) fn extensions(&self) -> impl Iterator<Item = &'a str> {
        self.files.iter().map(|file| file.0)
    }

    /// The path of its file with this extension.
    pub(super) fn path(&self, extension: &str) -> PathBuf {
        match extension {
            "" => self.stem.clone(),
            extension => PathBuf::from(format!("{}.{extension}", self.stem.display())),
        }
    }

    /// The name of its files without folder and extension.
    pub(super) fn name(&self) -> String {
        let name = self.stem.file_name().map(Path::new).unwrap_or(&self.stem);
        name.display().to_string()
    }
}
