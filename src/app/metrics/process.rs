//! What the system says about this process, under the names that all programs use for it. Only on Linux.

use std::{fmt, fs, time::SystemTime};

use prometheus_client::{
    collector::Collector,
    encoding::DescriptorEncoder,
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Unit,
};
use rustix::process::{Resource, getrlimit};

use super::writer::Writer;

/// The values of `/proc/self`.
#[derive(Debug)]
pub(super) struct Process {
    /// When this process began to count, in seconds since 1970.
    started: f64,
}

impl Default for Process {
    fn default() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self {
            started: since.map_or(0.0, |it| it.as_secs_f64()),
        }
    }
}

impl Collector for Process {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut writer = Writer(encoder);
        writer.one(
            "process_start_time",
            "When the server started, since 1970",
            Some(&Unit::Seconds),
            ConstGauge::new(self.started),
        )?;
        if let Some(seconds) = cpu_seconds() {
            let (help, unit) = ("CPU time of this process", Some(&Unit::Seconds));
            writer.one("process_cpu", help, unit, ConstCounter::new(seconds))?;
        }
        if let Some(bytes) = resident_bytes() {
            writer.one(
                "process_resident_memory",
                "Resident memory of this process",
                Some(&Unit::Bytes),
                ConstGauge::new(bytes),
            )?;
        }
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            let open = ConstGauge::new(open.count() as u64);
            writer.one("process_open_fds", "Open file descriptors", None, open)?;
        }
        if let Some(most) = getrlimit(Resource::Nofile).current {
            let (help, most) = ("The limit on open file descriptors", ConstGauge::new(most));
            writer.one("process_max_fds", help, None, most)?;
        }
        Ok(())
    }
}

/// User and system time (proc(5), `/proc/pid/stat`).
fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name is in parentheses and may contain anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    let ticks = u32::try_from(rustix::param::clock_ticks_per_second()).ok()?;
    (ticks > 0).then(|| (user + system) / f64::from(ticks))
}

/// The resident set (proc(5), `/proc/pid/statm`).
fn resident_bytes() -> Option<f64> {
    let statm = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    let size = u32::try_from(rustix::param::page_size()).ok()?;
    Some(pages * f64::from(size))
}
