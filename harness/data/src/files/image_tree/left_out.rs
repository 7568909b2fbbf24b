//! What a tree has besides the images that are taken.

use super::Kind;
use crate::files::Tally;

/// What lies in a folder or an archive and is not taken, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    below: Tally,
    other_images: Tally,
    others: Tally,
    hidden: Tally,
    links: Tally,
}

impl LeftOut {
    /// Counts a file of the tree, called `name`, if it is left out; `is_within`: it lies where images are taken.
    pub(super) fn add(&mut self, name: &str, kind: Kind, is_within: bool) {
        let tally = match (kind, is_within) {
            (Kind::Image, true) | (Kind::About, _) => return,
            (Kind::Image, false) => &mut self.below,
            // Of other folders only the images are missed.
            (_, false) => return,
            (Kind::OtherImage, true) => &mut self.other_images,
            (Kind::Other, true) => &mut self.others,
            (Kind::Hidden, true) => &mut self.hidden,
            (Kind::Link, true) => &mut self.links,
        };
        tally.add(name);
    }

    /// Images in subfolders that are not searched, and one of them.
    #[must_use]
    pub fn below(&self) -> &Tally {
        &self.below
    }

    /// One sentence a kind, with a number and an example.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let kinds = [
            (&self.below, "images in subfolders (--recursive takes them)"),
            (
                &self.other_images,
                "images of kinds, or with letters in the ending, that the protocol does not take",
            ),
            (&self.others, "files whose names do not end as those of images do"),
            (&self.hidden, "hidden files"),
            (&self.links, "links to folders that are not followed"),
        ];
        kinds.into_iter().filter_map(|(tally, what)| tally.sentence(what)).collect()
    }
}
