//! How the C library hands memory back to the system, and in which pages it lies.

/// Tensors of fewer bytes stay with the process when they are freed. The larger ones, were they kept too, would leave holes
/// that the next ones do not fit into: residual networks at batch 256 would take twice the memory instead of a quarter more.
/// Those of 64 MiB itself are among the kept, for batches and channels are powers of two.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT_BELOW: libc::c_int = 72 << 20;

/// Address space of the heap that shall lie in large pages, in blocks that come from there. What is not used takes no memory.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const IN_LARGE_PAGES: usize = 4 << 30;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const BLOCK: usize = 32 << 20;

/// Lets freed memory stay with the process for its next use, in large pages.
///
/// A training step frees and takes the same hundreds of megabytes as the one before it. By default glibc returns them to the
/// system in between, and then the system clears every page anew: 5 to 16 % of a step's time. In pages of 4 KiB the processor
/// spends a further 6 % or so on finding them. Elsewhere than on glibc nothing changes.
pub(crate) fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| {
            // SAFETY: it sets two numbers of the allocator; where one is refused, allocation goes on as before.
            unsafe {
                libc::mallopt(libc::M_MMAP_THRESHOLD, KEPT_BELOW);
                // Never shrink the heap.
                libc::mallopt(libc::M_TRIM_THRESHOLD, -1);
            }
            if address_space_is_free() {
                ask_for_large_pages();
            }
        });
    }
}

/// Grows the heap, asks for large pages there, and frees all of it: the next tensors come to lie in it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn ask_for_large_pages() {
    let blocks: Vec<*mut libc::c_void> = (0..IN_LARGE_PAGES / BLOCK)
        // SAFETY: the block is not written to, and freed below.
        .map(|_| unsafe { libc::malloc(BLOCK) })
        .take_while(|block| !block.is_null())
        .collect();
    for &block in &blocks {
        let first = block as usize & !(PAGE - 1);
        // SAFETY: the pages are the heap's, which is asked for other pages and keeps its contents. A refusal changes nothing.
        unsafe { libc::madvise(first as *mut libc::c_void, BLOCK, libc::MADV_HUGEPAGE) };
    }
    // SAFETY: they come from `malloc`, and nothing else knows of them.
    blocks.into_iter().for_each(|block| unsafe { libc::free(block) });
}

/// The least page that there is.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const PAGE: usize = 4096;

/// Whether address space costs nothing: no limit on it is set.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn address_space_is_free() -> bool {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: it writes to the place that it is given.
    let known = unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) } == 0;
    known && limit.rlim_cur == libc::RLIM_INFINITY
}
