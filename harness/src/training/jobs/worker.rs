//! A process of this program that carries out one run, and what it says.

use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::Sender;
use std::thread;

use crate::process::children;

/// What lets threads that wait for work sleep rather than spin: they share the processor with other processes.
const SLEEPING_THREADS: [(&str, &str); 3] =
    [("OMP_WAIT_POLICY", "passive"), ("GOMP_SPINCOUNT", "0"), ("KMP_BLOCKTIME", "0")];

/// What bounds the threads that libraries start before the program has a say.
const LIBRARY_THREADS: [&str; 3] = ["MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"];

/// A process at work.
pub(super) struct Worker {
    child: Child,
}

/// What a process said.
pub(super) enum Said {
    /// A line on standard error.
    Line(String),
    /// It has ended, and left this on standard output.
    Ended(String),
}

impl Worker {
    /// Starts `bench ARGUMENTS` for a run that computes with `threads` threads, gives it `assignment`, and sends what it says
    /// with `place` to `ears`.
    pub(super) fn start(
        arguments: &[OsString],
        threads: usize,
        assignment: &str,
        place: usize,
        ears: Sender<(usize, Said)>,
    ) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments).envs(SLEEPING_THREADS);
        command.envs(LIBRARY_THREADS.map(|name| (name, threads.to_string())));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        children::prepare(&mut command);
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // One that has ended already does not read; how it ended tells why.
            let _ = stdin.write_all(assignment.as_bytes());
        }
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let listen = move || {
            for line in stderr.into_iter().flat_map(|pipe| BufReader::new(pipe).split(b'\n')) {
                let Ok(line) = line else { break };
                let _ = ears.send((place, Said::Line(String::from_utf8_lossy(&line).into_owned())));
            }
            let mut said = String::new();
            if let Some(mut stdout) = stdout {
                let _ = stdout.read_to_string(&mut said);
            }
            let _ = ears.send((place, Said::Ended(said)));
        };
        if let Err(error) = thread::Builder::new().name("listener".to_owned()).spawn(listen) {
            let _ = child.kill();
            let _ = child.wait();
            return Err(error);
        }
        Ok(Self { child })
    }

    /// Its number.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to save its run and end.
    pub(super) fn stop(&self) {
        children::ask_to_stop(self.child.id());
    }

    /// Waits for its end, which is near: it has closed its standard output.
    pub(super) fn wait(mut self) -> io::Result<ExitStatus> {
        self.child.wait()
    }
}
