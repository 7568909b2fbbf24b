//! How the C library hands memory back to the system.

/// Lets freed memory stay with the process for its next use.
///
/// A training step frees and takes the same hundreds of megabytes as the one before it. By default glibc returns tensors of
/// 32 MiB and more to the system at once, and then the system clears every page anew: 6 to 9 % of the time of DCGAN's
/// steps. The process keeps what it needed most, which it would need again in the next step. Elsewhere than on glibc
/// nothing changes.
pub(crate) fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it sets two numbers of the allocator; where one is refused, allocation goes on as before.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 30);
        libc::mallopt(libc::M_TRIM_THRESHOLD, -1);
    }
}
