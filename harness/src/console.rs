//! Standard error: the one place where it is written. Notes, warnings and errors come here through [`log`], status lines
//! through [`line()`], and bars are drawn below both. Or all of it is JSON, one object a line, for another program. What cannot be written costs nothing else: a full disk behind standard
//! error, or a terminal that is gone, ends no run.

mod event;

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use ::console::Term;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, TermLike};
use log::{Level, LevelFilter, Log, Metadata, Record};

pub use event::{Advance, Event};

/// Nothing is written but warnings and errors.
static QUIET: AtomicBool = AtomicBool::new(false);
/// Everything is written as JSON.
static JSON: AtomicBool = AtomicBool::new(false);

/// The bars that are drawn now; hidden where standard error is no terminal, or shows none.
static BARS: LazyLock<MultiProgress> = LazyLock::new(|| {
    let term = Term::buffered_stderr();
    MultiProgress::with_draw_target(match term.is_term() && !is_quiet() && !is_json() {
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

/// What a command says on its way.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct ConsoleArgs {
    /// Write nothing to standard error but warnings and errors.
    #[arg(long, global = true)]
    quiet: bool,
    /// How standard error is written: text, or json, one object a line.
    #[arg(long, global = true, value_name = "FORM", default_value = "text")]
    log: Form,
}

/// How standard error is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Text,
    Json,
}

impl ConsoleArgs {
    /// From now on, standard error is written so.
    pub fn apply(self) {
        QUIET.store(self.quiet, Relaxed);
        JSON.store(self.log == Form::Json, Relaxed);
    }
}

/// Applies what a command line that cannot be understood says of how to complain of it.
pub(crate) fn apply_words(words: impl Iterator<Item = String>) {
    let words: Vec<String> = words.collect();
    let asks = words.windows(2).any(|pair| *pair == ["--log", "json"]);
    JSON.store(asks || words.iter().any(|word| word == "--log=json"), Relaxed);
}

/// Whether nothing is written but warnings and errors.
pub(crate) fn is_quiet() -> bool {
    QUIET.load(Relaxed)
}

/// Whether everything is written as JSON. It may be asked in a signal handler.
pub(crate) fn is_json() -> bool {
    JSON.load(Relaxed)
}

/// Lets what is logged come to standard error. A second call changes nothing.
pub fn install() {
    if log::set_logger(&Console).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}

/// Says what is going on: a line above the bars.
pub fn line(text: &str) {
    say(Event::Line { text: text.to_owned() });
}

/// Says `event`, unless it is to be kept quiet.
pub(crate) fn say(event: Event) {
    let matters = matches!(event, Event::Warning { .. } | Event::Error { .. });
    if is_quiet() && !matters {
        return;
    }
    if is_json() {
        // What steers is escaped there already.
        return write(&event.to_json());
    }
    let write = |text: &str| write(&harmless(text));
    match event {
        Event::Line { text } => write(&text),
        Event::Note { text } => write(&format!("bench: note: {text}")),
        Event::Warning { text } => write(&format!("bench: warning: {text}")),
        Event::Error { text } => write(&format!("bench: error: {text}")),
        // Bars and lines of their own.
        Event::Progress(_) => {}
    }
}

/// Writes `text` and a line end above the bars.
fn write(text: &str) {
    BARS.suspend(|| {
        let _ = writeln!(io::stderr().lock(), "{text}");
    });
}

/// `text` with what would steer a terminal, such as an escape in a file's name, as Rust writes it; line ends stay.
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
    match is_json() {
        true => say(Event::Error { text: message.to_string().trim_end().to_owned() }),
        false => drop(message.print()),
    }
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
            let text = record.args().to_string();
            say(match record.level() {
                Level::Error => Event::Error { text },
                Level::Warn => Event::Warning { text },
                _ => Event::Note { text },
            });
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
