//! What a server costs: CPU time and memory of its whole process tree, from /proc (proc(5)).

use std::{collections::HashMap, fs};

/// CPU time and parent of a process.
#[derive(Clone, Copy)]
struct Stat {
    parent: u32,
    ticks: u64,
}

/// The process and everything that descends from it.
fn tree(root: u32) -> HashMap<u32, Stat> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let all: HashMap<u32, Stat> = ids.filter_map(|id| Some((id, stat(id)?))).collect();
    let belongs = |mut id: u32| {
        while id != root {
            match all.get(&id) {
                Some(stat) if stat.parent > 0 => id = stat.parent,
                _ => return false,
            }
        }
        true
    };
    let ours = all.iter().filter(|&(&id, _)| belongs(id));
    ours.map(|(&id, &stat)| (id, stat)).collect()
}

fn stat(id: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name that comes before may contain anything.
    let fields: Vec<_> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field)?.parse::<u64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        // Its own time, and that of its children that have ended and were waited for.
        ticks: ticks(11)? + ticks(12)? + ticks(13)? + ticks(14)?,
    })
}

/// CPU time, user and system, that the process and its descendants have used so far, in seconds.
#[allow(clippy::cast_precision_loss, reason = "a few days at most")]
pub fn cpu_seconds(root: u32) -> f64 {
    let ticks: u64 = tree(root).values().map(|stat| stat.ticks).sum();
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

/// Resident memory in bytes. For a single process this is `VmRSS`; for several it is the sum of their proportional
/// shares, so that shared memory counts once.
pub fn memory(root: u32) -> u64 {
    let tree = tree(root);
    if tree.len() == 1 {
        return kilobytes(&format!("/proc/{root}/status"), "VmRSS:") * 1024;
    }
    let shares = tree
        .keys()
        .map(|id| kilobytes(&format!("/proc/{id}/smaps_rollup"), "Pss:"));
    shares.sum::<u64>() * 1024
}

/// The highest [`memory`] of a single process so far.
pub fn peak_memory(root: u32) -> u64 {
    let ids = tree(root).into_keys();
    ids.map(|id| kilobytes(&format!("/proc/{id}/status"), "VmHWM:"))
        .sum::<u64>()
        * 1024
}

fn kilobytes(path: &str, field: &str) -> u64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(field));
    let digits = value.and_then(|value| value.split_whitespace().next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_process_is_seen() {
        let id = std::process::id();
        assert!(memory(id) > 100_000);
        assert!(peak_memory(id) >= 100_000);
        let before = cpu_seconds(id);
        let mut sum = 0_u64;
        while cpu_seconds(id) < before + 0.05 {
            sum = (0..1_000_000).fold(sum, u64::wrapping_add);
        }
        assert!(sum > 0);
    }
}
