//! The result, as it stands in docs/RELIABILITY.md.

use std::{
    fmt::{self, Write as _},
    fs,
    path::Path,
};

use super::{honest::Noticed, scene::Attack};
use crate::error::Error;

const MARKER: &str = "<!-- attack -->\n";

/// Bounds: milliseconds for the p99 of `/healthz`, for every log-in and for the p99 of boards; peak memory in MiB;
/// and the remaining memory in relation to before.
const HEALTH: f64 = 100.0;
const LOG_IN: f64 = 1000.0;
const BOARD: f64 = 200.0;
const PEAK: f64 = 300.0;
const LEFT: f64 = 1.2;

/// The results of one attack.
pub struct Row {
    pub attack: Attack,
    pub noticed: Noticed,
    /// Memory before, the most during, and ten seconds after the attack, in MiB.
    pub before: f64,
    pub peak: f64,
    pub after: f64,
}

impl Row {
    /// Whether every bound was kept.
    pub fn is_kept(&self) -> bool {
        let Noticed {
            health,
            log_in,
            board,
        } = &self.noticed;
        health.failed + log_in.failed + board.failed == 0
            && health.percentile(99.0) <= HEALTH
            && log_in.percentile(100.0) <= LOG_IN
            && board.percentile(99.0) <= BOARD
            && self.peak <= PEAK
            && self.after <= self.before * LEFT
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Noticed {
            health,
            log_in,
            board,
        } = &self.noticed;
        let failed = health.failed + log_in.failed + board.failed;
        let sent = health.sent() + log_in.sent() + board.sent();
        write!(
            f,
            "| {} | {:.1} | {:.0} | {:.0} | {failed} of {sent} | {:.0} | {:.0} | {:.0} |",
            self.attack.name(),
            health.percentile(99.0),
            log_in.percentile(100.0),
            board.percentile(99.0),
            self.before,
            self.peak,
            self.after,
        )
    }
}

/// The whole table.
pub fn write(rows: &[Row], seconds: u64) -> String {
    let mut text = format!(
        "Each attack for {seconds} s. Milliseconds; memory of the server in MiB.\n\n\
         | attack | `/healthz` p99 | log-in, longest | board p99 | refused | before | most | 10 s after |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    );
    for row in rows {
        let _ = writeln!(text, "{row}");
    }
    text
}

/// Writes it to standard output.
pub fn show(table: &str) {
    print!("{table}");
}

/// Puts it between the markers of a file.
pub fn put(file: &Path, table: &str) -> Result<(), Error> {
    let text = fs::read_to_string(file)?;
    let parts: Vec<_> = text.split(MARKER).collect();
    let [before, _, after] = parts.as_slice() else {
        return Err(Error::Markers(file.display().to_string()));
    };
    fs::write(file, format!("{before}{MARKER}{table}{MARKER}{after}"))?;
    Ok(())
}
