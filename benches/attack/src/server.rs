//! The program under attack, and its memory.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Stdio,
    time::Duration,
};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::{Instant, sleep},
};

use crate::{attack::Attack, error::Error};

/// How often memory is looked at during an attack.
const SAMPLE: Duration = Duration::from_millis(50);

/// A running server with a database of its own.
pub struct Server {
    child: Child,
    pid: Pid,
    pub address: SocketAddr,
    log: String,
    _database: TempDir,
}

impl Server {
    /// Starts one that knows attacker and client apart.
    pub async fn start(program: &Path, out: &Path, attack: Attack) -> Result<Self, Error> {
        let database = TempDir::new()?;
        let words = attack.name().split(|it: char| !it.is_ascii_alphanumeric());
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        let log = out.join(format!("{}.log", words.join("-")));
        let mut command = Command::new(program);
        let url = format!("sqlite://{}", database.path().join("d.db").display());
        command
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--trusted-proxy",
                "none",
            ])
            .args(["--log", "warn", "--database-url", &url])
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .kill_on_drop(true);
        let mut child = command.spawn()?;
        let log = log.display().to_string();
        let failed = || Error::Start(log.clone());
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        let pid = id.and_then(Pid::from_raw).ok_or_else(failed)?;
        let stdout = child.stdout.take().ok_or_else(failed)?;
        let banner = BufReader::new(stdout).lines().next_line().await?;
        let port = banner.as_deref().and_then(port).ok_or_else(failed)?;
        if let Some(files) = attack.open_files() {
            let limit = Rlimit {
                current: Some(files),
                maximum: Some(files),
            };
            prlimit(Some(pid), Resource::Nofile, limit).map_err(std::io::Error::from)?;
        }
        Ok(Self {
            child,
            pid,
            address: (Ipv4Addr::LOCALHOST, port).into(),
            log,
            _database: database,
        })
    }

    /// Memory that the server holds, in MiB.
    pub fn memory(&self) -> Result<f64, Error> {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.pid.as_raw_nonzero()))?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
        let number = line.and_then(|it| it.split_whitespace().next()?.parse::<u32>().ok());
        number
            .map(|kib| f64::from(kib) / 1024.0)
            .ok_or_else(|| Error::Ended(self.log.clone()))
    }

    /// The most that it held at any time, in MiB.
    pub async fn peak(&self, within: Duration) -> Result<f64, Error> {
        let end = Instant::now() + within;
        let mut peak = 0_f64;
        while Instant::now() < end {
            peak = peak.max(self.memory()?);
            sleep(SAMPLE).await;
        }
        Ok(peak)
    }

    /// Stops it.
    pub async fn stop(mut self) -> Result<(), Error> {
        kill_process(self.pid, Signal::TERM).map_err(std::io::Error::from)?;
        self.child.wait().await?;
        Ok(())
    }
}

/// The port in `… http://127.0.0.1:4711`.
fn port(banner: &str) -> Option<u16> {
    banner
        .trim()
        .rsplit(':')
        .next()?
        .trim_end_matches('/')
        .parse()
        .ok()
}
