//! Processes of this program that this one starts, stops and looks at.

use std::process::Command;

/// Lets `command` start a process that a terminal's signals do not reach, since this process passes them on, and that
/// stops when this one is gone.
pub(crate) fn prepare(command: &mut Command) {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        command.process_group(0);
        let heed = || {
            // SAFETY: both calls may be made between fork and exec.
            unsafe {
                // Whoever started this process may have switched it off.
                libc::signal(libc::SIGINT, libc::SIG_DFL);
                // The first one saves the run; after another signal it ends the process at once, as it did this one.
                #[cfg(target_os = "linux")]
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGINT);
            }
            Ok(())
        };
        // SAFETY: as above.
        unsafe { command.pre_exec(heed) };
    }
    #[cfg(not(unix))]
    let _ = command;
}

/// Asks the process with that number, which has not been waited for, to save its run and end.
pub(crate) fn ask_to_stop(process: u32) {
    #[cfg(unix)]
    if let Ok(number) = libc::pid_t::try_from(process) {
        // SAFETY: the call takes numbers; the process is there until it is waited for.
        unsafe { libc::kill(number, libc::SIGTERM) };
    }
    #[cfg(not(unix))]
    let _ = process;
}
