//! What is to be said of a result: on standard error as soon as it is known, and beside the result.

/// Warnings that have been said.
#[derive(Debug, Default)]
pub struct Warnings(Vec<String>);

impl Warnings {
    /// Says `text` and keeps it.
    pub fn push(&mut self, text: String) {
        log::warn!("{text}");
        self.0.push(text);
    }

    /// All that was said, in order.
    #[must_use]
    pub fn into_texts(self) -> Vec<String> {
        self.0
    }
}

impl Extend<String> for Warnings {
    fn extend<T: IntoIterator<Item = String>>(&mut self, texts: T) {
        texts.into_iter().for_each(|text| self.push(text));
    }
}
