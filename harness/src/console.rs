//! Standard error: the one place where it is written. Notes, warnings and errors come here through [`log`], status lines
//! through [`line()`], and bars are drawn below both. What cannot be written costs nothing else: a full disk behind standard
//! error, or a terminal that is gone, ends no run.

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::sync::LazyLock;

use ::console::Term;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, TermLike};
use log::{Level, LevelFilter, Log, Metadata, Record};

/// The bars that are drawn now; hidden where standard error is no terminal.
static BARS: LazyLock<MultiProgress> = LazyLock::new(|| {
    let term = Term::buffered_stderr();
    MultiProgress::with_draw_target(match term.is_term() {
        true => ProgressDrawTarget::term_like_with_hz(Box::new(Terminal(term)), REDRAWS_A_SECOND),
        false => ProgressDrawTarget::hidden(),
    })
});

/// Most redraws in a second.
const REDRAWS_A_SECOND: u8 = 20;

/// A terminal that takes everything, also when it is gone: [`MultiProgress::suspend`] panics on errors.
#[derive(Debug)]
struct Terminal(Term);

/// Writes what is logged as lines.
struct Console;

/// Lets what is logged come to standard error. A second call changes nothing.
pub fn install() {
    if log::set_logger(&Console).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}

/// Writes `text` and a line end above the bars; what would steer a terminal, such as an escape in a file's name, is written
/// as Rust writes it.
pub fn line(text: &str) {
    let text = harmless(text);
    BARS.suspend(|| {
        let _ = writeln!(io::stderr().lock(), "{text}");
    });
}

/// `text` with its control characters but line ends escaped.
fn harmless(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() && c != '\n';
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let escape = |c: char| if steers(c) { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(escape).collect())
}

/// A bar of `total` units of work, if their number is known; hidden where standard error is no terminal.
pub(crate) fn bar(total: Option<u64>) -> ProgressBar {
    BARS.add(ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden()))
}

/// Writes what is wrong with the command line, in colours on a terminal.
pub(crate) fn usage(message: &clap::Error) {
    let _ = message.print();
}

impl Terminal {
    fn take(&self, write: impl FnOnce(&Term) -> io::Result<()>) -> io::Result<()> {
        let _ = write(&self.0);
        Ok(())
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        self.0.size().1
    }

    fn height(&self) -> u16 {
        self.0.size().0
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.take(|term| term.move_cursor_up(n))
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.take(|term| term.move_cursor_down(n))
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.take(|term| term.move_cursor_right(n))
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.take(|term| term.move_cursor_left(n))
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.take(|term| term.write_line(text))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.take(|term| term.write_str(text))
    }

    fn clear_line(&self) -> io::Result<()> {
        self.take(Term::clear_line)
    }

    fn flush(&self) -> io::Result<()> {
        self.take(Term::flush)
    }
}

impl Log for Console {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Libraries that log on their own have their own ways to say what matters.
        metadata.level() <= Level::Info && metadata.target().starts_with("bench")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let kind = match record.level() {
                Level::Error => "error",
                Level::Warn => "warning",
                _ => "note",
            };
            line(&format!("bench: {kind}: {}", record.args()));
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(harmless("é: a line\nand another"), "é: a line\nand another");
        assert_eq!(harmless("ev\u{1b}[31mil\r\u{7}"), "ev\\u{1b}[31mil\\r\\u{7}");
    }
}
