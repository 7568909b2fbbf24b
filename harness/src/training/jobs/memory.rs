//! Whether there is memory for another process.

use std::fs;

/// What a process is taken to need while none has been seen to need more: libtorch, an extractor and a small dataset.
const LEAST: u64 = 1 << 30;

/// Whether another process may start beside those that have so many bytes resident, given the most that any had so far and
/// the bytes that are available: all of them may still grow as far.
pub(super) fn admits(available: Option<u64>, residents: &[u64], largest: u64) -> bool {
    let need = largest.max(LEAST);
    let growth: u64 = residents.iter().map(|resident| need.saturating_sub(*resident)).sum();
    // Where the system does not tell, nothing is held back; and one process may always try.
    residents.is_empty() || available.is_none_or(|available| available >= need + growth)
}

/// Bytes that processes may still take, where the system tells.
pub(super) fn available() -> Option<u64> {
    let machine = field(&fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable:")?;
    let limit = |path| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let group = limit("/sys/fs/cgroup/memory.max").zip(limit("/sys/fs/cgroup/memory.current"));
    Some(group.map_or(machine, |(most, taken)| machine.min(most.saturating_sub(taken))))
}

/// Bytes that the process with that number has resident, and the most that it had.
pub(super) fn resident(process: u32) -> Option<(u64, u64)> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    field(&status, "VmRSS:").zip(field(&status, "VmHWM:"))
}

/// The bytes that stand behind `name` in kilobytes.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn processes_may_grow_as_large_as_the_largest_before_another_starts() {
        assert!(admits(Some(0), &[], 0), "one may always try");
        assert!(admits(None, &[GIB], 0));
        assert!(admits(Some(2 * GIB), &[GIB / 2, GIB / 2], 0));
        assert!(!admits(Some(2 * GIB - 1), &[GIB / 2, GIB / 2], 0));
        // One that has been seen to take four leaves room for no other.
        assert!(!admits(Some(7 * GIB), &[0], 4 * GIB));
        assert!(admits(Some(4 * GIB), &[4 * GIB], 4 * GIB));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_system_tells() {
        assert!(available().unwrap() > 0);
        let (now, most) = resident(std::process::id()).unwrap();
        assert!(now > 0 && most >= now);
        assert_eq!(
            field("MemFree: 5 kB\nMemAvailable:   12 kB\n", "MemAvailable:"),
            Some(12 << 10)
        );
    }
}
