//! Stopping on request: signals that end a training do so after its present step, when its state is on the disk.
//!
//! Where nothing is unsaved, before and between trainings, they end the program at once, with the same exit code.

use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{command_line, has_one_thread, leave};
use crate::{console, exit};

/// A signal has asked the training to end.
static REQUESTED: AtomicBool = AtomicBool::new(false);
/// There is a state to save before the end.
static UNSAVED: AtomicBool = AtomicBool::new(false);

/// A [`Watch`] ends the program.
static WATCHED: AtomicBool = AtomicBool::new(false);

/// How often it looks.
const ROUND: Duration = Duration::from_millis(50);

const STOPPING: &[u8] =
    b"bench: note: a signal: stopping as soon as this step is done and saved; Ctrl-C (again) ends at once, without saving\n";
const STOPPING_JSON: &[u8] =
    b"{\"kind\":\"note\",\"text\":\"a signal: stopping as soon as this step is done and saved\"}\n";
const STOPPED_JSON: &[u8] =
    b"{\"kind\":\"error\",\"text\":\"stopped by a signal; what is done is saved, and the same command goes on\"}\n";
const STOPPED: &[u8] =
    b"bench: stopped by a signal; what is done is saved, and the same command goes on\n";

/// While it lives, the program does not end by a signal before the training asks [`requested`] and saves its state.
pub(crate) struct Training(());

impl Training {
    /// There will be something to save from now on.
    pub(crate) fn begin() -> Self {
        UNSAVED.store(true, SeqCst);
        Self(())
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        // What was asked to end does so by itself.
        if !requested() {
            UNSAVED.store(false, SeqCst);
        }
    }
}

/// While it lives, a signal between trainings ends the program with the same exit code, but not before a last thing is done.
pub(crate) struct Watch(Option<(Sender<()>, JoinHandle<()>)>);

impl Watch {
    /// Lets `last` be done before such an end.
    pub(crate) fn with(last: impl FnOnce() + Send + 'static) -> Self {
        if has_one_thread() {
            return Self(None);
        }
        let (stop, stopped) = mpsc::channel::<()>();
        let watch = move || {
            while stopped.recv_timeout(ROUND) == Err(RecvTimeoutError::Timeout) {
                if requested() && !UNSAVED.load(SeqCst) {
                    last();
                    log::error!(
                        "stopped by a signal; what is done is saved, and the same command goes on: {}",
                        command_line()
                    );
                    let _ = leave(exit::STOPPED);
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("signals".to_owned()).spawn(watch).ok();
        WATCHED.store(thread.is_some(), SeqCst);
        Self(thread.map(|thread| (stop, thread)))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        WATCHED.store(false, SeqCst);
        if let Some((stop, thread)) = self.0.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

/// Whether a signal has asked for the end.
pub(crate) fn requested() -> bool {
    REQUESTED.load(SeqCst)
}

/// Lets SIGINT, SIGTERM, SIGUSR1 and SIGHUP end the program in this way, but for those of a user's hand that whoever
/// started the program has switched off (`nohup`, a script's background). After the first, SIGINT ends the program at once.
pub(crate) fn on_signals() {
    #[cfg(unix)]
    {
        let handler: extern "C" fn(c_int) = stop;
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGUSR1, libc::SIGHUP] {
            // SAFETY: the handler makes async-signal-safe calls alone.
            unsafe {
                let before = libc::signal(signal, handler as libc::sighandler_t);
                if before == libc::SIG_IGN && [libc::SIGINT, libc::SIGHUP].contains(&signal) {
                    libc::signal(signal, libc::SIG_IGN);
                }
            }
        }
    }
}

#[cfg(unix)]
extern "C" fn stop(_: c_int) {
    let first = !REQUESTED.swap(true, SeqCst);
    let (stopping, stopped) = match console::is_json() {
        true => (STOPPING_JSON, STOPPED_JSON),
        false => (STOPPING, STOPPED),
    };
    // SAFETY: all three calls may be made in a signal handler; the texts live for ever.
    unsafe {
        if UNSAVED.load(SeqCst) || WATCHED.load(SeqCst) {
            libc::signal(libc::SIGINT, libc::SIG_DFL);
            if first {
                libc::write(libc::STDERR_FILENO, stopping.as_ptr().cast(), stopping.len());
            }
        } else {
            libc::write(libc::STDERR_FILENO, stopped.as_ptr().cast(), stopped.len());
            libc::_exit(c_int::from(exit::STOPPED));
        }
    }
}
