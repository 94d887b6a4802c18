//! Results: a JSON file for each scenario, with what it was measured on.

use std::{fs, path::Path, process::Command};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Context as _, Error, Result};

/// Figures by name; the name ends with the unit.
pub type Figures = Map<String, Value>;

/// Everything that one scenario found.
#[derive(Debug, Serialize, Deserialize)]
pub struct Results {
    /// Its name.
    pub scenario: String,
    /// Where and when.
    pub environment: Environment,
    /// One for each server and point.
    pub rows: Vec<Row>,
}

/// What the figures depend on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Environment {
    /// When it was measured, in UTC.
    pub date: String,
    /// The command line.
    pub command: String,
    /// The processor's name.
    pub cpu: String,
    /// How many cores it has.
    pub cores: usize,
    /// Memory in GiB.
    pub memory_gib: u64,
    /// The kernel's version.
    pub kernel: String,
    /// The commit that was measured.
    pub commit: String,
    /// dotcast's version.
    pub dotcast: String,
}

/// One server at one point.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    /// Which server, with its flags.
    pub server: String,
    /// Streams, rates and the like.
    pub point: Figures,
    /// What each run found.
    pub runs: Vec<Figures>,
    /// Why the other runs do not count.
    pub failures: Vec<String>,
    /// The median of each figure.
    pub median: Figures,
}

impl Row {
    /// Fills in the medians.
    pub fn summarise(&mut self) {
        let names = self
            .runs
            .first()
            .map(|run| run.keys().cloned().collect::<Vec<_>>());
        for name in names.into_iter().flatten() {
            let values = self.runs.iter().filter_map(|run| run.get(&name)?.as_f64());
            if let Some(median) = median(values.collect()) {
                self.median.insert(name, round(median));
            }
        }
    }
}

/// The middle value; for an even number of values, the mean of the two in the middle.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// Rounds to whole numbers from a thousand on and to three decimal places below, so that files can be read.
#[allow(clippy::cast_possible_truncation, reason = "no figure is near 2^63")]
pub fn round(value: f64) -> Value {
    let thousandths = (value * 1000.0).round();
    if value.abs() >= 1000.0 || thousandths % 1000.0 == 0.0 {
        return Value::from(value.round() as i64);
    }
    Value::from(thousandths / 1000.0)
}

impl Environment {
    /// This machine, now.
    pub fn read(dotcast: &Path) -> Self {
        let field = |path: &str, name: &str| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let line = text.lines().find(|line| line.starts_with(name));
            let value = line.and_then(|line| line.split_once(':'));
            value.map_or_else(String::new, |(_, value)| value.trim().to_owned())
        };
        let kilobytes = field("/proc/meminfo", "MemTotal");
        let kilobytes = kilobytes
            .split(' ')
            .next()
            .and_then(|it| it.parse::<u64>().ok());
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Self {
            date: chrono::Utc::now().format("%Y-%m-%d %H:%M UTC").to_string(),
            command: std::env::args().collect::<Vec<_>>().join(" "),
            cpu: field("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            memory_gib: (kilobytes.unwrap_or(0) + (1 << 19)) >> 20,
            kernel: kernel.trim().to_owned(),
            commit: output("git", &["describe", "--always", "--dirty"]),
            dotcast: output(&dotcast.display().to_string(), &["--version"]),
        }
    }
}

/// What a program prints, or nothing.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).trim().to_owned()
}

impl Results {
    /// Writes `FOLDER/SCENARIO.json`.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let file = folder.join(format!("{}.json", self.scenario));
        let what = file.display().to_string();
        let text = serde_json::to_string_pretty(self).map_err(|source| Error::Json {
            what: what.clone(),
            source,
        })?;
        fs::create_dir_all(folder).context(&what)?;
        fs::write(&file, text + "\n").context(what)
    }

    /// Reads the results of a scenario; `None` if it has not been measured.
    pub fn read(folder: &Path, scenario: &str) -> Result<Option<Self>> {
        let file = folder.join(format!("{scenario}.json"));
        let what = file.display().to_string();
        match fs::read_to_string(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Io { what, source }),
            Ok(text) => {
                let parsed = serde_json::from_str(&text);
                parsed
                    .map(Some)
                    .map_err(|source| Error::Json { what, source })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }
}
