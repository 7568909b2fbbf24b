//! Whether there is a network at all, found out before anything is waited for.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use ureq::Agent;

/// Whether the server of any of these URLs answers, whatever it says, within `limit`.
///
/// All are asked at once, so that a machine without a network loses `limit` and no more. A proxy that the environment
/// names is asked as for a download.
#[must_use]
pub fn any_answers<'a>(urls: impl IntoIterator<Item = &'a str>, limit: Duration) -> bool {
    let mut urls: Vec<&str> = urls.into_iter().collect();
    urls.sort_by_key(|url| origin(url));
    urls.dedup_by_key(|url| origin(url));
    let end = Instant::now() + limit;
    let (sender, receiver) = mpsc::channel();
    for url in urls {
        let (url, sender) = (url.to_owned(), sender.clone());
        // A thread that still waits when the time is up ends soon after, by its own limit; one that cannot be started
        // gets no answer.
        let _ = std::thread::Builder::new().spawn(move || {
            let agent: Agent = Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .timeout_global(Some(limit))
                .build()
                .into();
            // Whoever asked may have an answer and listen no more.
            let _ = sender.send(agent.head(&url).call().is_ok());
        });
    }
    drop(sender);
    loop {
        match receiver.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(true) => return true,
            Ok(false) => {}
            Err(_) => return false,
        }
    }
}

/// Scheme and host of a URL.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |colon| colon + 3);
    url[host..].find('/').map_or(url, |slash| &url[..host + slash])
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn one_that_answers_is_enough_and_none_costs_no_more_than_the_limit() {
        let limit = Duration::from_millis(500);
        // It accepts connections and never answers.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let silent_url = format!("http://{}/", silent.local_addr().unwrap());
        let started = Instant::now();
        assert!(!any_answers([silent_url.as_str(), "http://127.0.0.1:9/a", "no url"], limit));
        assert!(!any_answers([], limit));
        // Far above the limit, for a busy machine; far below what a system waits by itself.
        assert!(started.elapsed() < 40 * limit, "{:?}", started.elapsed());

        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/file", server.local_addr().unwrap());
        std::thread::spawn(move || {
            use std::io::{Read, Write};
            let (mut stream, _) = server.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]);
            stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap();
        });
        assert!(any_answers([silent_url.as_str(), &url], Duration::from_secs(20)));
    }

    #[test]
    fn servers_are_told_apart_by_scheme_and_host() {
        assert_eq!(origin("https://a.example/b/c"), "https://a.example");
        assert_eq!(origin("http://a.example:80"), "http://a.example:80");
        assert_eq!(origin("none"), "none");
    }
}
