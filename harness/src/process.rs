//! How the process starts and ends where memory or threads are short. Its calls into the C library stand here alone.
//!
//! The libraries that the program is linked with start threads, take memory and look at the working folder before `main`, and
//! stop threads at the end of a process. Where that fails they wait for ever (OpenBLAS) or end the process (libtorch, MKL). So a
//! process that may have little starts itself a second time, with one thread a library; an abort says in words that memory ran
//! out; and nothing of a library runs at the end.

#[cfg(feature = "train")]
pub(crate) mod children;
#[cfg(feature = "train")]
pub(crate) mod stop;

use std::ffi::c_int;
use std::io::{self, Write as _};
use std::process::ExitCode;

use bench_metrics::linear_algebra;

use crate::{console, exit};

/// Set in a process that computes with one thread, because memory or threads are short.
const ONE_THREAD: &str = "BENCH_ONE_THREAD";

/// What gives each library's number of threads, where nobody else says one.
const LIBRARIES: [&str; 5] = [
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
];

/// Address space that computing with one thread is never short of, and what each further one takes: stacks, the buffers of
/// OpenBLAS and what glibc reserves for a thread's heap.
const AMPLE: u64 = 4 << 30;
const AMPLE_PER_THREAD: u64 = 320 << 20;

/// What an abort says where memory is limited.
const OUT_OF_MEMORY: &[u8] =
    b"bench: error: the memory that this process may use ran out; allow more (`ulimit -v`), or \
                               give it smaller batches, fewer images or fewer threads\n";

const OUT_OF_MEMORY_JSON: &[u8] =
    b"{\"kind\":\"error\",\"text\":\"the memory that this process may use ran out; allow more (`ulimit -v`), or \
                               give it smaller batches, fewer images or fewer threads\"}\n";

/// Starts the program again with one thread a library, in this process' place, if it is short of memory or threads.
pub fn prepare() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    early::restore();
    if has_one_thread() || !(is_short_of_memory(hardware_threads()) || is_short_of_threads()) {
        return;
    }
    #[cfg(unix)]
    if let Ok(program) = std::env::current_exe() {
        use std::os::unix::process::CommandExt;
        let mut arguments = std::env::args_os();
        let mut again = std::process::Command::new(program);
        if let Some(name) = arguments.next() {
            again.arg0(name);
        }
        again.args(arguments).env(ONE_THREAD, "1").envs(LIBRARIES.map(|name| (name, "1")));
        // It returns only where it failed, and then the program goes on as it is.
        let _ = again.exec();
    }
}

/// Ends the process at once: no destructor of a library runs, one of which would wait for a thread that never started.
pub fn leave(code: u8) -> ExitCode {
    let _ = io::stdout().flush();
    #[cfg(unix)]
    // SAFETY: the function takes a number, and nothing of this process is used after it.
    unsafe {
        libc::_exit(c_int::from(code))
    }
    #[cfg(not(unix))]
    ExitCode::from(code)
}

/// The command that started this process, as a shell takes it.
pub(crate) fn command_line() -> String {
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    command_of(words)
}

/// `words` as a shell takes them.
fn command_of(words: impl Iterator<Item = String>) -> String {
    words.map(|word| quoted(&word)).collect::<Vec<_>>().join(" ")
}

/// Whether the process of this machine with that number is there and was started by `command`, as far as the system tells.
pub(crate) fn is_running(process: u32, command: &str) -> bool {
    #[cfg(unix)]
    {
        let Ok(number) = libc::pid_t::try_from(process) else { return false };
        // SAFETY: without a signal the call only looks whether the process is there.
        let is_there = unsafe { libc::kill(number, 0) } == 0
            || io::Error::last_os_error().raw_os_error() == Some(libc::EPERM);
        // Another one may have its number by now. That of a process that has ended and is not waited for yet is empty.
        let found = std::fs::read(format!("/proc/{process}/cmdline")).ok().map(|bytes| {
            let words = bytes.split_inclusive(|byte| *byte == 0);
            command_of(words.map(|word| {
                String::from_utf8_lossy(word.strip_suffix(&[0]).unwrap_or(word)).into_owned()
            }))
        });
        is_there && found.is_none_or(|found| found == command)
    }
    #[cfg(not(unix))]
    {
        let _ = (process, command);
        true
    }
}

/// `word` as a shell takes it for one word.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// The name of this machine; empty where it has none.
pub(crate) fn host() -> String {
    #[cfg(unix)]
    {
        let mut name = [0u8; 256];
        // SAFETY: it writes at most as many bytes as it is told, which are there; the last one stays 0.
        let known = unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) } == 0;
        let length = name.iter().position(|byte| *byte == 0).unwrap_or_default();
        if known {
            return String::from_utf8_lossy(&name[..length]).into_owned();
        }
    }
    String::new()
}

/// The number of threads to compute with where `asked` are asked for.
pub(crate) fn affordable_threads(asked: usize) -> usize {
    if has_one_thread() || is_short_of_memory(asked) { 1 } else { asked }
}

/// Whether this process shall start no threads, since they could fail to start.
pub(crate) fn has_one_thread() -> bool {
    std::env::var_os(ONE_THREAD).is_some()
}

/// All hardware threads of the machine.
pub(crate) fn hardware_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn is_short_of_memory(threads: usize) -> bool {
    let ample = AMPLE.saturating_add(AMPLE_PER_THREAD.saturating_mul(threads as u64));
    address_space().is_some_and(|bytes| bytes < ample)
}

/// Whether threads that OpenBLAS counts on are not there; what it computes with them would never end.
fn is_short_of_threads() -> bool {
    let tasks = || std::fs::read_dir("/proc/self/task").ok().map(Iterator::count);
    let expected = linear_algebra::threads_from_the_start();
    expected.zip(tasks()).is_some_and(|(expected, found)| found < expected)
}

/// The bytes of address space that this process may use, where that is limited.
fn address_space() -> Option<u64> {
    #[cfg(unix)]
    {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: it writes to `limit`, which is of the type that it wants and outlives the call.
        let known = unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) } == 0;
        (known && limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur)
    }
    #[cfg(not(unix))]
    None
}

/// What has to be so before the first code of all libraries, and is undone in `main`.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod early {
    use std::ptr::null_mut;
    use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering::Relaxed};

    use super::*;

    /// The working folder, where it was left because it has no path any more.
    static WORKING_FOLDER: AtomicI32 = AtomicI32::new(-1);
    /// What an interrupt does.
    static INTERRUPT: AtomicUsize = AtomicUsize::new(libc::SIG_DFL);

    #[used]
    // SAFETY: the C library calls what stands in this section once, with arguments that may be left alone.
    #[unsafe(link_section = ".preinit_array")]
    static BEFORE_ALL_LIBRARIES: extern "C" fn() = prepare;

    extern "C" fn prepare() {
        // SAFETY: the handler makes async-signal-safe calls alone, and the paths are C strings.
        unsafe {
            // libtorch aborts in want of memory.
            libc::signal(libc::SIGABRT, handler());
            // OpenBLAS interrupts the process in want of threads.
            INTERRUPT.store(libc::signal(libc::SIGINT, libc::SIG_IGN), Relaxed);
            // MKL ends the process where the working folder was deleted.
            let path = libc::getcwd(null_mut(), 0);
            if path.is_null() {
                let folder = libc::open(c".".as_ptr(), libc::O_PATH | libc::O_CLOEXEC);
                if folder >= 0 && libc::chdir(c"/".as_ptr()) == 0 {
                    WORKING_FOLDER.store(folder, Relaxed);
                }
            }
            libc::free(path.cast());
        }
    }

    /// Undoes what was for the libraries alone.
    pub(super) fn restore() {
        // SAFETY: the handlers are the process' own or as in `prepare`, and the descriptor is open and used by no one else.
        unsafe {
            libc::signal(libc::SIGINT, INTERRUPT.load(Relaxed));
            if let folder @ 0.. = WORKING_FOLDER.swap(-1, Relaxed) {
                libc::fchdir(folder);
                libc::close(folder);
            }
            if has_one_thread() && address_space().is_some() {
                // Libraries that do not look whether they got the memory that they asked for.
                libc::signal(libc::SIGSEGV, handler());
            }
        }
    }

    fn handler() -> libc::sighandler_t {
        let handler: extern "C" fn(c_int) = out_of_memory;
        handler as libc::sighandler_t
    }

    extern "C" fn out_of_memory(_: c_int) {
        if address_space().is_some() {
            let text = if console::is_json() { OUT_OF_MEMORY_JSON } else { OUT_OF_MEMORY };
            // SAFETY: both calls may be made in a signal handler; the text lives for ever.
            unsafe {
                libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len());
                libc::_exit(c_int::from(exit::ENVIRONMENT));
            }
        }
        // Where memory is not limited it is a fault of another kind: an abort goes on when this returns.
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_a_quoted_word_for_the_same_word() {
        for word in ["plain-1.0/x=2", "", "two words", "it's", "$HOME `ls` \\ \"x\"", "a\nb"] {
            let command = format!("printf %s {}", quoted(word));
            let said = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&said.stdout), word);
        }
    }
}
