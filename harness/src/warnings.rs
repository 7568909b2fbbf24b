//! What is to be said of a result: on standard error as soon as it is known, and beside the result.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

/// Warnings that have been said. What a clone of them says too is said once.
#[derive(Clone, Debug, Default)]
pub struct Warnings {
    texts: Vec<String>,
    said: Rc<RefCell<HashSet<String>>>,
}

impl Warnings {
    /// Says `text`, unless it was said before, and keeps it.
    pub fn push(&mut self, text: String) {
        if self.said.borrow_mut().insert(text.clone()) {
            log::warn!("{text}");
        }
        self.texts.push(text);
    }

    /// Keeps what was said beside another result.
    pub fn keep(&mut self, texts: &[String]) {
        self.said.borrow_mut().extend(texts.iter().cloned());
        self.texts.extend_from_slice(texts);
    }

    /// All of them, in order.
    #[must_use]
    pub fn into_texts(self) -> Vec<String> {
        self.texts
    }
}

impl Extend<String> for Warnings {
    fn extend<T: IntoIterator<Item = String>>(&mut self, texts: T) {
        texts.into_iter().for_each(|text| self.push(text));
    }
}
