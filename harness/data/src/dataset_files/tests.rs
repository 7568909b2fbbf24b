//! Files of a dataset that is published for these tests alone, from a server that misbehaves.

use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;
use crate::datasets::accepted::accepted_files;
use crate::download::test_server::{Reply, Server, closed};
use crate::download::{DownloadError, Patience, part_of, unseen};

const LENGTH: usize = 200_000;

/// Quick enough for a test, and long enough for a busy machine.
const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(5),
    stall: Duration::from_secs(2),
    retries: 2,
    pause: Duration::from_millis(1),
};

/// What the published archive holds compressed.
fn contents() -> Vec<u8> {
    (0..LENGTH).map(|i| (i * 31 % 251) as u8 ^ (i / 977) as u8).collect()
}

fn gzip(bytes: &[u8], level: u32) -> Vec<u8> {
    let level = flate2::Compression::new(level);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn archive() -> Vec<u8> {
    gzip(&contents(), 6)
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn published(name: &'static str) -> PublishedFile {
    let root = tempfile::tempdir().unwrap();
    let digests = |bytes: &[u8]| {
        let path = root.path().join("file");
        fs::write(&path, bytes).unwrap();
        FileDigests::of(&path).unwrap()
    };
    let file = digests(&archive());
    PublishedFile {
        name,
        size: archive().len() as u64,
        md5: leak(file.md5),
        sha256: leak(file.sha256),
        contents_sha256: Some(leak(digests(&contents()).sha256)),
    }
}

/// A dataset of some files with equal bytes, from one mirror, in an empty folder.
struct Fixture {
    folder: TempDir,
    publication: Publication,
}

impl Fixture {
    fn new(url: &str) -> Self {
        Self::of(url, vec![published("images.gz")])
    }

    fn of(url: &str, files: Vec<PublishedFile>) -> Self {
        let publication = Publication {
            page: "http://127.0.0.1/",
            licence: "none",
            mirrors: vec![leak(format!("{url}/"))].leak(),
            folders: &["set", "other/raw", ""],
            files: files.leak(),
            alternatives: &[],
        };
        Self { folder: tempfile::tempdir().unwrap(), publication }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn files(&self) -> DatasetFiles<'_> {
        DatasetFiles { name: "test", publication: &self.publication, data_dir: self.root() }
    }

    fn fetch_from(&self, mirrors: &[String]) -> Result<Vec<PlacedFile>, DatasetFilesError> {
        let options =
            FetchOptions { mirrors, patience: PATIENCE, free_space: |_| None, progress: unseen };
        self.files().fetch(&options)
    }

    fn fetch(&self) -> Result<Vec<PlacedFile>, DatasetFilesError> {
        self.fetch_from(&[])
    }

    /// Writes a file below the data folder.
    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Asserts that the archive lies whole in its place, alone.
    fn assert_whole(&self, placed: &[PlacedFile], kept: bool) {
        let path = self.root().join("set/images.gz");
        assert_eq!(
            placed,
            [PlacedFile { path: path.clone(), standing: Standing::Published, kept }]
        );
        assert!(fs::read(path).unwrap() == archive(), "other bytes");
        assert_eq!(fs::read_dir(self.root().join("set")).unwrap().count(), 1);
    }

    /// Asserts that fetching fails with `part` in the text and nothing in the file's place.
    fn assert_unreachable(&self, part: &str) {
        let error = self.fetch().unwrap_err();
        let text = error.to_string();
        assert!(
            matches!(error, DatasetFilesError::Download(DownloadError::Unreachable { .. })),
            "{text}"
        );
        assert!(text.contains(part), "`{part}` is not in: {text}");
        assert!(text.ends_with("give it to `bench data fetch test --from FILE`"), "{text}");
        assert!(!self.root().join("set/images.gz").exists());
    }
}

#[test]
fn a_dataset_is_fetched_from_a_server_in_trouble_and_then_kept() {
    let half = archive().len() / 2;
    for replies in [
        &[Reply::Serve][..],
        &[Reply::Truncate(half), Reply::Serve],
        &[Reply::Stall(half), Reply::Serve],
        &[Reply::Redirect, Reply::Truncate(half), Reply::Redirect, Reply::Serve],
        &[Reply::Truncate(half), Reply::IgnoreRange],
        &[Reply::Truncate(half), Reply::WrongRange, Reply::Serve],
        &[Reply::Status("503 Service Unavailable"), Reply::Serve],
    ] {
        let server = Server::start(&archive(), replies);
        let fixture = Fixture::new(&server.url);
        fixture.assert_whole(&fixture.fetch().unwrap(), false);
        let requests = server.requests();
        assert!(requests[0].starts_with("get /file/images.gz"), "{requests:?}");
        fixture.assert_whole(&fixture.fetch().unwrap(), true);
        assert_eq!(server.requests().len(), requests.len(), "what is there is not asked for");
    }
}

#[test]
fn what_broke_off_goes_on_at_the_next_call_from_another_mirror() {
    let gone = [Reply::Truncate(1000), Reply::Status("404 Not Found")];
    let fixture = Fixture::new(&Server::start(&archive(), &gone).url);
    fixture.assert_unreachable("404 Not Found");
    let part = part_of(&fixture.root().join("set/images.gz"));
    assert_eq!(fs::metadata(part).unwrap().len(), 1000);
    let mirror = Server::start(&archive(), &[Reply::Serve]);
    let placed = fixture.fetch_from(&[format!("{}/images.gz", mirror.url)]).unwrap();
    fixture.assert_whole(&placed, false);
    let request = &mirror.requests()[0];
    assert!(request.starts_with("get /file/images.gz "), "{request}");
    assert!(request.contains("range: bytes=1000-\n"), "{request}");
}

#[test]
fn lies_and_wrong_bytes_are_refused_and_leave_nothing() {
    for (reply, part) in [
        (Reply::Corrupt, "its MD5 is "),
        (Reply::PromiseMore(10), "bytes instead of"),
        (Reply::Status("404 Not Found"), "404"),
    ] {
        let fixture = Fixture::new(&Server::start(&archive(), &[reply]).url);
        fixture.assert_unreachable(part);
        assert!(!part_of(&fixture.root().join("set/images.gz")).exists(), "{reply:?}");
    }
    let longer = [archive(), vec![0]].concat();
    let endless = Server::start(&longer, &[Reply::NoLength]);
    Fixture::new(&endless.url).assert_unreachable("more than the file's size");
    // The user's mirror is tried first, and the publisher's server makes good for it.
    let publisher = Server::start(&archive(), &[Reply::Serve]);
    let wrong = Server::start(&archive(), &[Reply::Corrupt]);
    let fixture = Fixture::new(&publisher.url);
    fixture.assert_whole(&fixture.fetch_from(std::slice::from_ref(&wrong.url)).unwrap(), false);
    assert_eq!((wrong.requests().len(), publisher.requests().len()), (1, 1));
}

#[test]
fn without_a_network_it_fails_at_once() {
    let started = Instant::now();
    Fixture::new(&closed()).assert_unreachable("refused");
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

#[test]
fn what_does_not_fit_onto_the_disk_is_not_begun() {
    let server = Server::start(&archive(), &[Reply::Serve]);
    let fixture = Fixture::of(&server.url, vec![published("labels.gz"), published("images.gz")]);
    let options = |free_space| FetchOptions {
        mirrors: &[],
        patience: PATIENCE,
        free_space,
        progress: unseen,
    };
    let full = |_: &Path| Some(10_000);
    let needed = 2 * archive().len() as u64;
    let error = fixture.files().fetch(&options(full)).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, DatasetFilesError::DiskFull { .. }), "{text}");
    for number in [needed, 10_000, needed - 10_000] {
        let number = indicatif::DecimalBytes(number).to_string();
        assert!(text.contains(&number), "{number} is not in: {text}");
    }
    assert!(text.contains(fixture.root().to_str().unwrap()), "{text}");
    let import = fixture.files().import(&fixture.write("at-hand", &archive()), false, full);
    assert!(import.unwrap_err().to_string().contains("are missing"));
    assert!(server.requests().is_empty());

    // What was received counts: 5000 bytes are missing, and there is room for 6000.
    fixture.write("set/labels.gz", &archive());
    fixture.write("set/images.gz.part", &archive()[..archive().len() - 5000]);
    fixture.files().fetch(&options(|_| Some(6000))).unwrap();
    assert_eq!(server.requests().len(), 1);
    assert!(left_on_disk(&fixture.root().join("not/there/yet")).is_some_and(|free| free > 0));
}

#[test]
fn files_at_hand_are_known_by_their_checksums() {
    let fixture = Fixture::new(&closed());
    for (name, bytes, standing) in [
        ("renamed.bin", archive(), Standing::Published),
        ("anew.gz", gzip(&contents(), 1), Standing::Contents),
        ("plain", contents(), Standing::Contents),
    ] {
        assert_ne!(bytes == archive(), standing == Standing::Contents, "{name}");
        let source = fixture.write(name, &bytes);
        let import = || fixture.files().import(&source, false, |_| None).unwrap();
        let path = fixture.root().join("set/images.gz");
        let placed = PlacedFile { path, standing, kept: false };
        assert_eq!(import(), placed, "{name}");
        assert!(fs::read(&placed.path).unwrap() == bytes);
        assert_eq!(import(), PlacedFile { kept: true, ..placed.clone() });
        // The published file would be no better.
        let published = fixture.write("published", &archive());
        let kept = fixture.files().import(&published, false, |_| None).unwrap();
        assert_eq!(kept, PlacedFile { kept: true, ..placed.clone() });
        assert_eq!(fixture.fetch().unwrap(), [PlacedFile { kept: true, ..placed.clone() }]);
        assert!(fixture.files().missing().is_empty());
        assert!(source.exists(), "it is copied, not moved");
        fs::remove_file(placed.path).unwrap();
        assert_eq!(fixture.files().missing().len(), 1);
    }
}

#[test]
fn another_file_is_taken_on_demand_only_and_marked() {
    let fixture = Fixture::new(&closed());
    let files = fixture.files();
    let digests = |path: &Path| FileDigests::of(path).unwrap();
    let odd = fixture.write("odd.bin", b"something else");
    for accept in [false, true] {
        let text = files.import(&odd, accept, |_| None).unwrap_err().to_string();
        assert!(text.contains("images.gz") && text.contains(&digests(&odd).md5), "{text}");
    }
    let named = fixture.write("at-hand/images.gz", b"something else");
    let text = files.import(&named, false, |_| None).unwrap_err().to_string();
    let wanted = &fixture.publication.files[0];
    let found = digests(&named);
    for digest in [&found.md5, &found.sha256, wanted.md5, wanted.sha256, "--accept-unknown"] {
        assert!(text.contains(digest), "{digest} is not in: {text}");
    }
    assert!(!fixture.root().join("set").exists());
    assert!(files.import(&fixture.root().join("none"), true, |_| None).is_err());

    let accepted = files.import(&named, true, |_| None).unwrap();
    assert_eq!(accepted.standing, Standing::Accepted(found.sha256.clone()));
    let mark = fs::read_to_string(fixture.root().join("set/images.gz.unpublished")).unwrap();
    assert_eq!(mark, format!("{}  images.gz\n", found.sha256));
    let marked = AcceptedFile { path: accepted.path.clone(), sha256: found.sha256 };
    assert_eq!(accepted_files(&fixture.publication, fixture.root()), [marked]);
    // It stays, and what it is stays known.
    assert_eq!(fixture.fetch().unwrap()[0].standing, accepted.standing);

    // Once the published file is in its place, the mark goes.
    fs::write(&accepted.path, archive()).unwrap();
    fixture.assert_whole(&fixture.fetch().unwrap(), true);
    assert!(accepted_files(&fixture.publication, fixture.root()).is_empty());
}

#[test]
fn a_file_that_nobody_accepted_stops_everything_and_stays() {
    let fixture = Fixture::new(&closed());
    let mine = fixture.write("set/images.gz", b"mine");
    let import = fixture.files().import(&fixture.write("at-hand", &archive()), false, |_| None);
    let anew = fixture.write("anew", &gzip(&contents(), 1));
    let anew = fixture.files().import(&anew, false, |_| None);
    for error in [fixture.fetch().unwrap_err(), import.unwrap_err(), anew.unwrap_err()] {
        assert!(
            matches!(error, DatasetFilesError::Download(DownloadError::Occupied { .. })),
            "{error}"
        );
        assert!(error.to_string().contains("set/images.gz"), "{error}");
    }
    assert_eq!(fs::read(mine).unwrap(), b"mine");
}

#[test]
fn the_missing_part_of_a_dataset_joins_the_part_that_is_there() {
    let server = Server::start(&archive(), &[Reply::Serve]);
    let fixture = Fixture::of(&server.url, vec![published("labels.gz"), published("images.gz")]);
    // Found in any of the folders, and unpacked too.
    fixture.write("other/raw/labels", &contents());
    let placed = fixture.fetch().unwrap();
    let standings: Vec<_> = placed.iter().map(|file| (&file.standing, file.kept)).collect();
    assert_eq!(standings, [(&Standing::Contents, true), (&Standing::Published, false)]);
    assert_eq!(placed[1].path, fixture.root().join("other/raw/images.gz"));
}

#[test]
fn contents_that_are_damaged_or_endless_are_other_files() {
    let fixture = Fixture::new(&closed());
    let packed = archive();
    let cut = fixture.write("cut.gz", &packed[..packed.len() / 2]);
    assert_eq!(contents::sha256(&cut).unwrap(), None);
    let zeros = gzip(&vec![0; (1 << 28) + 1], 1);
    assert_eq!(contents::sha256(&fixture.write("zeros.gz", &zeros)).unwrap(), None);
    assert!(contents::sha256(&fixture.root().join("none")).is_err());
}

/// The files beside the checkout hold MNIST's published bytes, compressed anew.
#[test]
fn the_real_mnist_has_the_published_contents() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !data.join("mnist").is_dir() {
        println!("skipped: shared/data/mnist not found");
        return;
    }
    let files = DatasetFiles::find("mnist", &data).unwrap().unwrap();
    for file in files.publication.files {
        let standing = Standing::of(&files.locate(file).unwrap(), file).unwrap();
        assert_eq!(standing, Standing::Contents, "{}", file.name);
    }
}

#[test]
fn an_alternative_that_is_there_spares_the_download() {
    let mut fixture = Fixture::new(&closed());
    let other = PublishedFile {
        md5: leak(format!("{:032}", 0)),
        contents_sha256: None,
        ..published("other.gz")
    };
    fixture.publication.alternatives = vec![other].leak();
    let path = fixture.write("set/other.gz", &archive());
    assert!(fixture.files().missing().is_empty());
    let error = fixture.fetch().unwrap_err();
    assert!(
        matches!(error, DatasetFilesError::Download(DownloadError::Occupied { .. })),
        "{error}"
    );

    fixture.publication.alternatives = vec![published("other.gz")].leak();
    let placed = PlacedFile { path: path.clone(), standing: Standing::Published, kept: true };
    assert_eq!(fixture.fetch().unwrap(), [placed]);
    fs::remove_file(path).unwrap();
    assert_eq!(fixture.files().missing().len(), 1);
}
