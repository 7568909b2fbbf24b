//! Work whose progress nobody knows.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::{FIRST_LINE, LINE_INTERVAL, duration};
use crate::{console, process};

/// Says for as long as it lives what is going on: a line once it takes more than a moment, and then every so often.
pub(crate) struct Busy(Option<(Sender<()>, JoinHandle<()>)>);

impl Busy {
    /// Work called `label` begins.
    pub(crate) fn of(label: &str) -> Self {
        if console::is_quiet() {
            return Self(None);
        }
        if process::has_one_thread() {
            console::line(&format!("{label} …"));
            return Self(None);
        }
        let label = label.to_owned();
        let (stop, stopped) = mpsc::channel();
        let tell = move || {
            let start = Instant::now();
            let mut wait = FIRST_LINE;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = LINE_INTERVAL;
                console::line(&format!("{label} … ({})", duration(start.elapsed().as_secs_f64())));
            }
        };
        let thread = thread::Builder::new().name("busy".to_owned()).spawn(tell);
        Self(thread.ok().map(|thread| (stop, thread)))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.0.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}
