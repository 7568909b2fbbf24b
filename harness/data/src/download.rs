//! Downloads of large files: from the first mirror that works, gone on with where they broke off, checked, and in
//! their place whole or not at all.

mod checksum;
mod error;
mod partial;
mod progress;
mod reachable;
#[cfg(test)]
pub(crate) mod test_server;
#[cfg(test)]
mod tests;

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body, Timeout};

use crate::files::FileError;
use partial::Partial;

pub use checksum::{Checksum, FileDigests};
pub use error::DownloadError;
pub use partial::part_of;
pub use progress::{DownloadProgress, StartProgress, unseen};
pub use reachable::any_answers;

/// Bytes read at a time.
const BLOCK: usize = 1 << 16;

/// A file to download.
#[derive(Clone, Copy, Debug)]
pub struct Download<'a> {
    /// What it is, for people.
    pub label: &'a str,
    /// Where it can be had; the next is tried when one fails for good.
    pub urls: &'a [String],
    /// Where it is to lie. Until it is complete, it grows beside that place, in a file with `.part` behind its name.
    pub destination: &'a Path,
    /// The checksums that it must have, all of them; none where nothing is known.
    pub checksums: &'a [Checksum<'a>],
    /// Its size in bytes.
    pub size: Option<u64>,
    /// How long to wait and how often to try.
    pub patience: Patience,
    /// Shows how far it is.
    pub progress: StartProgress,
    /// What a user without a network can do with a file fetched elsewhere: a clause such as `put it into data/`.
    pub by_hand: &'a str,
}

/// How long to wait and how often to try.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Longest wait for an address, and again for a connection.
    pub connect: Duration,
    /// Longest wait for the next bytes.
    pub stall: Duration,
    /// How often an attempt that gained nothing is followed by another.
    pub retries: u32,
    /// Pause before the first of those, doubled each time.
    pub pause: Duration,
}

impl Patience {
    /// For a file that is needed.
    pub const LONG: Self = Self {
        connect: Duration::from_secs(10),
        stall: Duration::from_secs(30),
        retries: 4,
        pause: Duration::from_secs(1),
    };

    /// For a file that something else stands in for: a machine without a network is to lose no time.
    pub const SHORT: Self = Self {
        connect: Duration::from_secs(2),
        stall: Duration::from_secs(10),
        retries: 1,
        pause: Duration::from_secs(1),
    };
}

/// How a file came to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was there before.
    Kept,
    /// It was downloaded.
    Fetched,
}

/// Why an attempt failed.
enum Trouble {
    /// Another attempt may succeed.
    Passing(String),
    /// This URL will not give the file.
    Lasting(String),
    /// No other URL would help either.
    Local(DownloadError),
}

impl Download<'_> {
    /// Fetches the file, unless it is there.
    ///
    /// What was received stays when it fails, and the next call goes on from there. Two processes that want the same
    /// file wait for each other.
    ///
    /// # Errors
    /// [`DownloadError::Unreachable`] if no URL gives the file that is wanted, [`DownloadError::Occupied`] if another
    /// file lies in its place, [`DownloadError::File`] if the disk refuses.
    pub fn run(&self) -> Result<Outcome, DownloadError> {
        if self.is_there()? {
            return Ok(Outcome::Kept);
        }
        let mut partial = Partial::open(self.destination)?;
        // Another process may have finished while this one waited for it.
        if self.is_there()? {
            partial.discard_if_empty();
            return Ok(Outcome::Kept);
        }
        let mut failures = Vec::new();
        for url in self.urls {
            match self.fetch(url, &mut partial) {
                Ok(()) => {
                    partial.install()?;
                    return Ok(Outcome::Fetched);
                }
                Err(Trouble::Local(error)) => return Err(error),
                Err(Trouble::Passing(reason) | Trouble::Lasting(reason)) => {
                    failures.push((url.clone(), reason));
                }
            }
        }
        partial.discard_if_empty();
        Err(DownloadError::Unreachable {
            label: self.label.to_owned(),
            failures,
            by_hand: self.by_hand.to_owned(),
        })
    }

    /// Whether the file lies in its place.
    fn is_there(&self) -> Result<bool, DownloadError> {
        if !self.destination.exists() {
            return Ok(false);
        }
        match self.check(self.destination)? {
            None => Ok(true),
            Some(reason) => {
                Err(DownloadError::Occupied { path: self.destination.to_owned(), reason })
            }
        }
    }

    /// What is wrong with a complete file, if anything is.
    fn check(&self, path: &Path) -> Result<Option<String>, DownloadError> {
        if let Some(wanted) = self.size {
            let found =
                std::fs::metadata(path).map_err(|error| FileError::io("read", path, error))?.len();
            if found != wanted {
                return Ok(Some(format!("it has {found} bytes instead of {wanted}")));
            }
        }
        if self.checksums.is_empty() {
            return Ok(None);
        }
        Ok(FileDigests::of(path)?.mismatch(self.checksums))
    }

    /// Fetches the whole file from `url`, with as many attempts as patience allows.
    fn fetch(&self, url: &str, partial: &mut Partial) -> Result<(), Trouble> {
        let agent = self.agent();
        let mut fruitless = 0;
        let mut wrong = false;
        loop {
            let before = partial.len();
            let reason = match self.attempt(&agent, url, partial) {
                Ok(()) => match self.check(partial.path())? {
                    None => return Ok(()),
                    Some(reason) => {
                        // Parts of two versions of a file make up neither; but the same bytes come again.
                        let pieced = partial.is_pieced();
                        partial.restart()?;
                        if !pieced || std::mem::replace(&mut wrong, true) {
                            return Err(Trouble::Lasting(reason));
                        }
                        reason
                    }
                },
                Err(Trouble::Passing(reason)) => reason,
                Err(trouble) => return Err(trouble),
            };
            fruitless = if partial.len() > before { 1 } else { fruitless + 1 };
            if fruitless > self.patience.retries {
                return Err(Trouble::Passing(reason));
            }
            let pause = self.patience.pause * 2_u32.saturating_pow(fruitless - 1);
            log::info!("{}: {reason}; trying again in {:.0?}", self.label, pause);
            std::thread::sleep(pause);
        }
    }

    fn agent(&self) -> Agent {
        let Patience { connect, stall, .. } = self.patience;
        Agent::config_builder()
            .user_agent(concat!("bench/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .timeout_resolve(Some(connect))
            .timeout_connect(Some(connect))
            .timeout_recv_response(Some(stall))
            .timeout_per_read(Some(stall))
            .build()
            .into()
    }

    /// Asks `url` once for what is missing, and takes what it sends.
    fn attempt(&self, agent: &Agent, url: &str, partial: &mut Partial) -> Result<(), Trouble> {
        // A known checksum shows whether the parts belong together; without one, the server has to say so.
        let validator = partial.validator(url).map(str::to_owned);
        let has = if !self.checksums.is_empty() || validator.is_some() { partial.len() } else { 0 };
        if self.size.is_some_and(|size| has == size) {
            return Ok(());
        }
        // A program that decompresses on the way would change the bytes that are counted and hashed.
        let mut request = agent.get(url).header(header::ACCEPT_ENCODING, "identity");
        if has > 0 {
            request = request.header(header::RANGE, format!("bytes={has}-"));
            if let Some(validator) = validator {
                request = request.header(header::IF_RANGE, validator);
            }
        }
        let response = request.call().map_err(|error| self.trouble(error))?;
        let start = match response.status() {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT => match content_range(&response) {
                Some((start, _)) if start == has => start,
                _ => {
                    partial.restart()?;
                    let reason = "the server sent another part than the one asked for";
                    return Err(Trouble::Passing(reason.to_owned()));
                }
            },
            // All of it may be there already, and only the check be missing.
            StatusCode::RANGE_NOT_SATISFIABLE if unsatisfied_total(&response) == Some(has) => {
                return Ok(());
            }
            StatusCode::RANGE_NOT_SATISFIABLE => {
                partial.restart()?;
                let reason = format!("the server has nothing behind byte {has}");
                return Err(Trouble::Passing(reason));
            }
            status => return Err(refusal(status)),
        };
        if start == 0 {
            partial.restart()?;
        }
        partial.continue_from(url, response_validator(&response))?;
        self.receive(response, start, partial)
    }

    /// Appends a response's body, which starts at byte `start` of the file.
    fn receive(
        &self,
        response: Response<Body>,
        start: u64,
        partial: &mut Partial,
    ) -> Result<(), Trouble> {
        let total = match content_range(&response) {
            Some((_, total)) => total,
            None => response.body().content_length().map(|length| start + length),
        };
        if let (Some(total), Some(size)) = (total, self.size)
            && total != size
        {
            let reason = format!("the server has a file of {total} bytes instead of {size}");
            return Err(Trouble::Lasting(reason));
        }
        let mut body = response.into_body().into_reader();
        let mut progress = (self.progress)(self.label, total.or(self.size));
        let mut block = vec![0; BLOCK];
        let ended = loop {
            match body.read(&mut block) {
                Ok(0) => break Ok(()),
                Ok(read) => partial.append(&block[..read])?,
                Err(error) => break Err(self.trouble(error.into())),
            }
            progress.received(partial.len());
            if self.size.is_some_and(|size| partial.len() > size) {
                partial.restart()?;
                let reason = "the server sends more than the file's size".to_owned();
                break Err(Trouble::Lasting(reason));
            }
        };
        progress.ended(partial.len());
        ended?;
        match total {
            Some(total) if partial.len() < total => {
                Err(Trouble::Passing(format!("it ended at byte {} of {total}", partial.len())))
            }
            _ => Ok(()),
        }
    }

    /// Whether another attempt may go better after `error`, and what to say of it.
    fn trouble(&self, error: ureq::Error) -> Trouble {
        use std::io::ErrorKind;
        let Patience { connect, stall, .. } = self.patience;
        match error {
            ureq::Error::HostNotFound => {
                Trouble::Lasting("the address of its host is not known here".to_owned())
            }
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                Trouble::Lasting(format!("no connection within {connect:?}"))
            }
            ureq::Error::Timeout(_) => {
                Trouble::Passing(format!("the server sent nothing for {stall:?}"))
            }
            ureq::Error::Io(error) => match error.kind() {
                ErrorKind::UnexpectedEof
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::TimedOut
                | ErrorKind::Interrupted => Trouble::Passing(error.to_string()),
                _ => Trouble::Lasting(error.to_string()),
            },
            error @ ureq::Error::Protocol(_) => Trouble::Passing(error.to_string()),
            error => Trouble::Lasting(error.to_string()),
        }
    }
}

impl From<DownloadError> for Trouble {
    fn from(error: DownloadError) -> Self {
        Self::Local(error)
    }
}

impl From<FileError> for Trouble {
    fn from(error: FileError) -> Self {
        Self::Local(error.into())
    }
}

/// What a status that brings no bytes says of further attempts.
fn refusal(status: StatusCode) -> Trouble {
    let reason = format!("the server answers {status}");
    let passes = status.is_server_error()
        || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status);
    if passes { Trouble::Passing(reason) } else { Trouble::Lasting(reason) }
}

fn text(response: &Response<Body>, name: header::HeaderName) -> Option<&str> {
    response.headers().get(name)?.to_str().ok()
}

/// First byte, and size of the whole if known, from a header such as `bytes 100-199/1000`.
fn content_range(response: &Response<Body>) -> Option<(u64, Option<u64>)> {
    let range = text(response, header::CONTENT_RANGE)?.strip_prefix("bytes ")?;
    let (span, total) = range.split_once('/')?;
    let (start, _) = span.split_once('-')?;
    Some((start.trim().parse().ok()?, total.trim().parse().ok()))
}

/// Size of the whole from a header such as `bytes */1000`.
fn unsatisfied_total(response: &Response<Body>) -> Option<u64> {
    text(response, header::CONTENT_RANGE)?.strip_prefix("bytes */")?.trim().parse().ok()
}

/// What tells this version of the file from others: a strong entity tag, else the time of its last change.
fn response_validator(response: &Response<Body>) -> Option<&str> {
    text(response, header::ETAG)
        .filter(|tag| tag.starts_with('"'))
        .or_else(|| text(response, header::LAST_MODIFIED))
}
