//! Downloads from a server on this machine that misbehaves in every way that was thought of.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::test_server::{Reply, Server, closed};
use super::*;

/// Big enough for several blocks.
const LENGTH: usize = 300_000;

/// Quick enough for a test, and long enough for a busy machine.
const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(5),
    stall: Duration::from_secs(2),
    retries: 2,
    pause: Duration::from_millis(1),
};

fn file() -> Vec<u8> {
    (0..LENGTH).map(|i| (i * 31 % 251) as u8).collect()
}

fn sha256() -> String {
    use sha2::{Digest, Sha256};
    crate::files::hexadecimal(&Sha256::digest(file()))
}

/// A place for the file, and what is known of it.
struct Fixture {
    folder: TempDir,
    sha256: Option<String>,
    size: Option<u64>,
}

impl Fixture {
    /// Only the first digits of the SHA-256 are known.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, sha256: Some(sha256()[..8].to_owned()), size: None }
    }

    /// Nothing is known of the file.
    fn of_unknown() -> Self {
        Self { sha256: None, ..Self::new() }
    }

    fn destination(&self) -> PathBuf {
        self.folder.path().join("below/file.bin")
    }

    fn part(&self) -> PathBuf {
        self.folder.path().join("below/file.bin.part")
    }

    fn run(&self, urls: &[&str]) -> Result<Outcome, DownloadError> {
        let urls: Vec<String> = urls.iter().map(|&url| url.to_owned()).collect();
        let checksums: Vec<Checksum> = self.sha256.iter().map(|d| Checksum::Sha256(d)).collect();
        Download {
            label: "a file",
            urls: &urls,
            destination: &self.destination(),
            checksums: &checksums,
            size: self.size,
            patience: PATIENCE,
            progress: unseen,
            by_hand: "put it there",
        }
        .run()
    }

    /// Asserts that the file lies whole in its place, alone.
    fn assert_whole(&self) {
        assert!(std::fs::read(self.destination()).unwrap() == file(), "other bytes");
        let left = std::fs::read_dir(self.folder.path().join("below")).unwrap().count();
        assert_eq!(left, 1, "nothing may lie beside the file");
    }

    /// Asserts that the download fails with `part` in its text and nothing in the file's place.
    fn assert_unreachable(&self, url: &str, part: &str) {
        let error = self.run(&[url]).unwrap_err();
        assert!(matches!(error, DownloadError::Unreachable { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(part) && text.contains(url), "`{part}` is not in: {text}");
        assert!(text.ends_with("fetch it by hand and put it there"), "{text}");
        assert!(!self.destination().exists());
    }
}

#[test]
fn a_file_is_fetched_once_and_then_kept() {
    let server = Server::start(&file(), &[Reply::Serve]);
    let fixture = Fixture::new();
    assert_eq!(fixture.run(&[&server.url]).unwrap(), Outcome::Fetched);
    fixture.assert_whole();
    assert_eq!(fixture.run(&[&server.url]).unwrap(), Outcome::Kept);
    assert_eq!(server.requests().len(), 1);
    assert!(server.requests()[0].contains("accept-encoding: identity"), "{:?}", server.requests());
}

#[test]
fn what_is_broken_off_goes_on_where_it_did() {
    for broken in [Reply::Truncate(100_000), Reply::Stall(100_000)] {
        for fixture in [Fixture::new(), Fixture::of_unknown()] {
            let server = Server::start(&file(), &[broken, broken, Reply::Serve]);
            assert_eq!(fixture.run(&[&server.url]).unwrap(), Outcome::Fetched);
            fixture.assert_whole();
            let requests = server.requests();
            assert!(requests[1].contains("range: bytes=100000-\n"), "{requests:?}");
            assert!(requests[2].contains("range: bytes=200000-\n"), "{requests:?}");
            assert!(requests[1].contains("if-range: \"one\"\n"), "{requests:?}");
        }
    }
}

#[test]
fn the_next_call_goes_on_where_the_last_one_failed() {
    let fixture = Fixture::new();
    let server = Server::start(&file(), &[Reply::Truncate(1000), Reply::Status("404 Not Found")]);
    fixture.assert_unreachable(&server.url, "404 Not Found");
    assert_eq!(std::fs::read(fixture.part()).unwrap(), file()[..1000]);
    // A known digest shows whether a mirror's bytes fit to those of another.
    let mirror = Server::start(&file(), &[Reply::Serve]);
    assert_eq!(fixture.run(&[&mirror.url]).unwrap(), Outcome::Fetched);
    fixture.assert_whole();
    assert!(mirror.requests()[0].contains("range: bytes=1000-\n"), "{:?}", mirror.requests());
    assert!(!mirror.requests()[0].contains("if-range"), "{:?}", mirror.requests());
}

#[test]
fn without_a_digest_another_server_starts_anew() {
    let fixture = Fixture::of_unknown();
    let server = Server::start(&file(), &[Reply::Truncate(1000), Reply::Status("410 Gone")]);
    let mirror = Server::start(&file(), &[Reply::Serve]);
    fixture.run(&[&server.url, &mirror.url]).unwrap();
    fixture.assert_whole();
    assert!(!mirror.requests()[0].contains("range: bytes"), "{:?}", mirror.requests());
}

#[test]
fn a_server_without_ranges_starts_anew() {
    let fixture = Fixture::new();
    let server = Server::start(&file(), &[Reply::Truncate(100_000), Reply::IgnoreRange]);
    fixture.run(&[&server.url]).unwrap();
    fixture.assert_whole();
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_new_version_on_the_server_is_not_pieced_to_the_old_one() {
    let fixture = Fixture::of_unknown();
    let server = Server::start(&file(), &[Reply::Truncate(100_000), Reply::NewVersion]);
    fixture.run(&[&server.url]).unwrap();
    assert_eq!(std::fs::read(fixture.destination()).unwrap(), vec![7; LENGTH]);
}

#[test]
fn another_part_than_asked_for_is_not_taken() {
    let fixture = Fixture::new();
    let replies = [Reply::Truncate(100_000), Reply::WrongRange, Reply::Serve];
    let server = Server::start(&file(), &replies);
    fixture.run(&[&server.url]).unwrap();
    fixture.assert_whole();
    assert!(!server.requests()[2].contains("range: bytes"), "{:?}", server.requests());
}

#[test]
fn redirects_are_followed_with_the_range() {
    let fixture = Fixture::new();
    let redirect = Reply::Redirect;
    let replies = [redirect, Reply::Truncate(1000), redirect, redirect];
    let server = Server::start(&file(), &replies);
    fixture.run(&[&server.url]).unwrap();
    fixture.assert_whole();
    let last = server.requests().pop().unwrap();
    assert!(last.starts_with("get /moved"), "{last}");
    assert!(last.contains("range: bytes=1000-\n"), "{last}");
}

#[test]
fn wrong_bytes_are_refused_and_the_next_mirror_is_asked() {
    let fixture = Fixture::new();
    let wrong = Server::start(&file(), &[Reply::Corrupt]);
    fixture.assert_unreachable(&wrong.url, "its SHA-256 is ");
    assert!(!fixture.part().exists(), "wrong bytes stay nowhere");
    let mirror = Server::start(&file(), &[Reply::Serve]);
    fixture.run(&[&wrong.url, &mirror.url]).unwrap();
    fixture.assert_whole();
    assert!(!mirror.requests()[0].contains("range: bytes"), "{:?}", mirror.requests());
}

#[test]
fn wrong_bytes_from_an_earlier_call_are_fetched_again() {
    let fixture = Fixture::new();
    std::fs::create_dir(fixture.part().parent().unwrap()).unwrap();
    std::fs::write(fixture.part(), [1; 5000]).unwrap();
    let server = Server::start(&file(), &[Reply::Serve]);
    fixture.run(&[&server.url]).unwrap();
    fixture.assert_whole();
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_complete_part_is_only_checked() {
    for size in [None, Some(LENGTH as u64)] {
        let fixture = Fixture { size, ..Fixture::new() };
        std::fs::create_dir(fixture.part().parent().unwrap()).unwrap();
        std::fs::write(fixture.part(), file()).unwrap();
        let server = Server::start(&file(), &[Reply::Serve]);
        fixture.run(&[&server.url]).unwrap();
        fixture.assert_whole();
    }
}

#[test]
fn a_server_that_promises_too_much_fails_in_the_end() {
    let server = Server::start(&file(), &[Reply::PromiseMore(10)]);
    Fixture::of_unknown().assert_unreachable(&server.url, "disconnected");
    // The first attempt gained something.
    assert_eq!(server.requests().len(), 1 + PATIENCE.retries as usize);
}

#[test]
fn a_known_size_is_insisted_on() {
    let fixture = Fixture { size: Some(LENGTH as u64 - 1), ..Fixture::of_unknown() };
    let server = Server::start(&file(), &[Reply::Serve]);
    fixture.assert_unreachable(&server.url, "300000 bytes instead of 299999");
    let endless = Server::start(&file(), &[Reply::NoLength]);
    fixture.assert_unreachable(&endless.url, "more than the file's size");
    assert!(!fixture.part().exists());
}

#[test]
fn a_length_need_not_be_told() {
    let fixture = Fixture::of_unknown();
    let server = Server::start(&file(), &[Reply::NoLength]);
    fixture.run(&[&server.url]).unwrap();
    fixture.assert_whole();
}

#[test]
fn a_server_in_trouble_is_asked_again_and_a_missing_file_is_not() {
    let fixture = Fixture::new();
    let busy = [
        Reply::Status("500 Internal Server Error"),
        Reply::Status("429 Too Many Requests"),
        Reply::Serve,
    ];
    let server = Server::start(&file(), &busy);
    fixture.run(&[&server.url]).unwrap();
    fixture.assert_whole();

    let fixture = Fixture::new();
    let missing = Server::start(&file(), &[Reply::Status("404 Not Found")]);
    let down = Server::start(&file(), &[Reply::Status("503 Service Unavailable")]);
    let text = fixture.run(&[&missing.url, &down.url]).unwrap_err().to_string();
    assert!(text.contains("404 Not Found") && text.contains("503 Service Unavailable"), "{text}");
    assert_eq!((missing.requests().len(), down.requests().len()), (1, 3));
    assert!(!fixture.part().exists(), "an empty part is no use");
}

#[test]
fn a_closed_port_and_an_odd_url_fail_at_once() {
    let started = Instant::now();
    Fixture::new().assert_unreachable(&closed(), "refused");
    Fixture::new().assert_unreachable("file:///etc/passwd", "file:///etc/passwd");
    Fixture::new().assert_unreachable("no url", "no url");
    let none = Fixture::new().run(&[]).unwrap_err().to_string();
    assert!(none.contains("no address"), "{none}");
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

#[test]
fn another_file_in_its_place_is_not_touched() {
    let fixture = Fixture::new();
    std::fs::create_dir(fixture.part().parent().unwrap()).unwrap();
    std::fs::write(fixture.destination(), "mine").unwrap();
    let server = Server::start(&file(), &[Reply::Serve]);
    let error = fixture.run(&[&server.url]).unwrap_err();
    assert!(matches!(error, DownloadError::Occupied { .. }), "{error:?}");
    assert_eq!(std::fs::read(fixture.destination()).unwrap(), b"mine");
    assert!(server.requests().is_empty());
}

#[test]
fn a_disk_that_refuses_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("below"), "a file, not a folder").unwrap();
    let fixture = Fixture { folder, ..Fixture::new() };
    let error = fixture.run(&[&closed()]).unwrap_err();
    assert!(matches!(&error, DownloadError::File(error) if error.is_write()), "{error:?}");
    assert!(error.to_string().contains("below"), "{error}");
}

#[test]
fn two_that_want_the_same_file_fetch_it_once() {
    let fixture = Fixture::new();
    let server = Server::start(&file(), &[Reply::Serve]);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| fixture.run(&[&server.url]).unwrap());
        fixture.run(&[&server.url]).unwrap();
        other.join().unwrap();
    });
    fixture.assert_whole();
    assert_eq!(server.requests().len(), 1);
}
