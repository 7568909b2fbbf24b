//! What lies beside a source's images and is not taken: said before anything is extracted, one sentence a kind.

use std::fs;
use std::path::Path;

use crate::files::ImageArchive;
use crate::files::decode::has_image_extension;

/// Most entries of subfolders that are looked at, so that a wrong folder, such as `/`, costs no time.
const MOST_ENTRIES: usize = 100_000;

/// One kind of what is left out.
#[derive(Debug, Default)]
struct Kind {
    count: usize,
    example: String,
}

impl Kind {
    fn add(&mut self, name: &str) {
        // The first by name, whatever the order of the disk.
        if self.count == 0 || name < self.example.as_str() {
            name.clone_into(&mut self.example);
        }
        self.count += 1;
    }

    fn sentence(&self, what: &str) -> Option<String> {
        let Self { count, example } = self;
        (*count > 0).then(|| format!("{count} {what}, such as {example}"))
    }
}

/// What a folder has besides the image files directly in it, as sentences.
pub(super) fn of_folder(folder: &Path) -> Vec<String> {
    let (mut hidden, mut other, mut below) = (Kind::default(), Kind::default(), Kind::default());
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') {
                images_below(&path, &name, &mut below);
            }
        } else if name.starts_with('.') {
            hidden.add(&name);
        } else if !has_image_extension(Path::new(&*name)) {
            other.add(&name);
        }
    }
    sentences(&hidden, &other, below.sentence("images in subfolders"))
}

/// What an archive has besides the image files in it, as sentences.
pub(super) fn of_archive(archive: &ImageArchive) -> Vec<String> {
    let mut other = Kind::default();
    for member in archive.members() {
        if !has_image_extension(Path::new(&member.name)) {
            other.add(&member.name);
        }
    }
    sentences(&Kind::default(), &other, None)
}

fn sentences(hidden: &Kind, other: &Kind, below: Option<String>) -> Vec<String> {
    let other = other.sentence("files whose names do not end as those of images do");
    [below, other, hidden.sentence("hidden files")].into_iter().flatten().collect()
}

/// Counts the image files in `folder`, which messages call `name`, and below it.
fn images_below(folder: &Path, name: &str, found: &mut Kind) {
    let mut open = vec![(folder.to_owned(), name.to_owned())];
    let mut looked_at = 0;
    while let Some((folder, name)) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            looked_at += 1;
            let own = format!("{name}/{}", entry.file_name().to_string_lossy());
            match entry.file_type() {
                // Links to folders are not followed: they may lead round in a circle.
                Ok(kind) if kind.is_dir() => open.push((entry.path(), own)),
                Ok(_) if has_image_extension(&entry.path()) => found.add(&own),
                _ => {}
            }
        }
        if looked_at > MOST_ENTRIES {
            return;
        }
    }
}
