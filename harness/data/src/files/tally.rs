//! How many of a kind there are, with one of them to look at.

/// A number of things and the first of them by name, whatever the order in which they come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub count: usize,
    /// What the first of them by the bytes of its name is called; empty where there are none.
    pub example: String,
}

impl Tally {
    /// Counts one more, called `name`.
    pub fn add(&mut self, name: &str) {
        if self.count == 0 || name < self.example.as_str() {
            name.clone_into(&mut self.example);
        }
        self.count += 1;
    }

    /// `12 hidden files, such as .a`, where `what` is `hidden files`; `None` where there are none.
    #[must_use]
    pub fn sentence(&self, what: &str) -> Option<String> {
        let Self { count, example } = self;
        match count {
            0 => None,
            _ => Some(format!("{count} {what}, such as {example}")),
        }
    }
}
