//! How far a download is, for whoever shows it.

/// Starts to show a download with this label and, if known, of this many bytes.
pub type StartProgress = fn(label: &str, total: Option<u64>) -> Box<dyn DownloadProgress>;

/// A download that is shown.
pub trait DownloadProgress {
    /// So many bytes are there.
    fn received(&mut self, bytes: u64);

    /// Nothing more comes; so many bytes are there.
    fn ended(self: Box<Self>, bytes: u64);
}

/// Shows nothing.
#[must_use]
pub fn unseen(_label: &str, _total: Option<u64>) -> Box<dyn DownloadProgress> {
    struct Unseen;
    impl DownloadProgress for Unseen {
        fn received(&mut self, _bytes: u64) {}
        fn ended(self: Box<Self>, _bytes: u64) {}
    }
    Box::new(Unseen)
}
