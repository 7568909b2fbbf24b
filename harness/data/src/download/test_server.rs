//! A server of one file on this machine, that misbehaves as it is told.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What to do with a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reply {
    /// Send the file, or the range that is asked for.
    Serve,
    /// Likewise, and close the connection after so many bytes.
    Truncate(usize),
    /// Likewise, but after so many bytes send nothing more and keep the connection open.
    Stall(usize),
    /// Send the whole file whatever range is asked for.
    IgnoreRange,
    /// Send the file with this change to its first byte.
    Corrupt,
    /// Send the whole file whatever range is asked for, and say that it has so many bytes more.
    PromiseMore(usize),
    /// Send the file without saying how long it is, until the connection ends.
    NoLength,
    /// Send another part than the one that is asked for.
    WrongRange,
    /// Send another version of the file, if the request's `If-Range` allows for it: all of it.
    NewVersion,
    /// Send the other path `/moved`.
    Redirect,
    /// A status without a body.
    Status(&'static str),
}

/// A server that answers requests one after another, each by the next reply; the last one goes on.
pub(crate) struct Server {
    /// Base of its URLs.
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn start(file: &[u8], replies: &[Reply]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/file", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let mut replies: VecDeque<Reply> = replies.iter().copied().collect();
        let file = file.to_vec();
        // The thread ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { continue };
                let Some(request) = read_request(&stream) else { continue };
                let reply = match replies.len() {
                    1 => replies[0],
                    _ => replies.pop_front().unwrap_or(Reply::Serve),
                };
                seen.lock().unwrap().push(request.clone());
                let file = file.clone();
                // A client that gives up closes the connection: no failure of the server's.
                std::thread::spawn(move || drop(answer(stream, &request, reply, &file)));
            }
        });
        Self { url, requests }
    }

    /// The requests so far, each with its headers in lower case.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// The URL of a port that nobody listens on.
pub(crate) fn closed() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/file", listener.local_addr().unwrap())
}

/// Tag of the file's version.
const TAG: &str = "\"one\"";

fn read_request(stream: &TcpStream) -> Option<String> {
    let mut request = String::new();
    for line in BufReader::new(stream).lines() {
        match line.ok()?.as_str() {
            "" => return Some(request),
            line => request.push_str(&format!("{}\n", line.to_lowercase())),
        }
    }
    None
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    request.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn answer(mut stream: TcpStream, request: &str, reply: Reply, file: &[u8]) -> std::io::Result<()> {
    if let Reply::Status(status) = reply {
        return write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    }
    if matches!(reply, Reply::Redirect) && !request.starts_with("get /moved") {
        let head = "HTTP/1.1 302 Found\r\nLocation: /moved\r\nContent-Length: 0";
        return write!(stream, "{head}\r\nConnection: close\r\n\r\n");
    }
    let mut file = file.to_vec();
    let mut tag = TAG;
    match reply {
        Reply::Corrupt => file[0] ^= 1,
        Reply::NewVersion => {
            file.fill(7);
            tag = "\"two\"";
        }
        _ => {}
    }
    let wanted = header(request, "range")
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok())
        .filter(|_| !matches!(reply, Reply::IgnoreRange | Reply::PromiseMore(_)))
        .filter(|_| header(request, "if-range").is_none_or(|known| known == tag));
    let start = match (wanted, reply) {
        (Some(start), Reply::WrongRange) => start + 1,
        (start, _) => start.unwrap_or(0),
    };
    let size = file.len();
    if start > 0 && start >= size {
        let head = "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0";
        return write!(
            stream,
            "{head}\r\nContent-Range: bytes */{size}\r\nConnection: close\r\n\r\n"
        );
    }
    let body = &file[start..];
    match wanted {
        Some(_) => write!(
            stream,
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {start}-{}/{size}\r\n",
            size - 1
        )?,
        None => write!(stream, "HTTP/1.1 200 OK\r\n")?,
    }
    if !matches!(reply, Reply::NoLength) {
        let promised = match reply {
            Reply::PromiseMore(more) => body.len() + more,
            _ => body.len(),
        };
        write!(stream, "Content-Length: {promised}\r\n")?;
    }
    write!(stream, "ETag: {tag}\r\nConnection: close\r\n\r\n")?;
    match reply {
        Reply::Truncate(length) => stream.write_all(&body[..length.min(body.len())]),
        Reply::Stall(length) => {
            stream.write_all(&body[..length.min(body.len())])?;
            std::thread::sleep(Duration::from_secs(60));
            Ok(())
        }
        _ => stream.write_all(body),
    }
}
