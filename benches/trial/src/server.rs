//! The program, and its memory.

use std::{
    fs::OpenOptions,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Stdio,
    time::Duration,
};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::{Instant, sleep},
};

use crate::error::Error;

/// Interval between readings of memory.
const SAMPLE: Duration = Duration::from_millis(50);

/// A running server.
pub struct Server {
    child: Child,
    pid: Pid,
    pub address: SocketAddr,
    log: String,
}

impl Server {
    /// Starts one on a SQLite file. It trusts no proxy, so each address is a client of its own. Port 0 picks a free
    /// one.
    pub async fn start(
        program: &Path,
        database: &Path,
        log: &Path,
        port: u16,
    ) -> Result<Self, Error> {
        let mut command = Command::new(program);
        let url = format!("sqlite://{}", database.display());
        let listen = format!("127.0.0.1:{port}");
        let stderr = OpenOptions::new().create(true).append(true).open(log)?;
        command
            .args(["serve", "--listen", &listen, "--trusted-proxy", "none"])
            .args(["--log", "warn", "--database-url", &url])
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true);
        let mut child = command.spawn()?;
        let log = log.display().to_string();
        let failed = || Error::Start(log.clone());
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        let pid = id.and_then(Pid::from_raw).ok_or_else(failed)?;
        let stdout = child.stdout.take().ok_or_else(failed)?;
        let banner = BufReader::new(stdout).lines().next_line().await?;
        let port = banner.as_deref().and_then(port_in).ok_or_else(failed)?;
        Ok(Self {
            child,
            pid,
            address: (Ipv4Addr::LOCALHOST, port).into(),
            log,
        })
    }

    /// Limits the files that it may open from now on.
    pub fn limit_open_files(&self, files: u64) -> Result<(), Error> {
        let limit = Rlimit {
            current: Some(files),
            maximum: Some(files),
        };
        prlimit(Some(self.pid), Resource::Nofile, limit).map_err(std::io::Error::from)?;
        Ok(())
    }

    /// The server's memory, in MiB.
    pub fn memory(&self) -> Result<f64, Error> {
        let ended = || Error::Ended(self.log.clone());
        let status = format!("/proc/{}/status", self.pid.as_raw_nonzero());
        let status = std::fs::read_to_string(status).map_err(|_| ended())?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
        let number = line.and_then(|it| it.split_whitespace().next()?.parse::<u32>().ok());
        number.map(|kib| f64::from(kib) / 1024.0).ok_or_else(ended)
    }

    /// The server's peak memory, in MiB.
    pub async fn peak(&self, within: Duration) -> Result<f64, Error> {
        let end = Instant::now() + within;
        let mut peak = 0_f64;
        while Instant::now() < end {
            peak = peak.max(self.memory()?);
            sleep(SAMPLE).await;
        }
        Ok(peak)
    }

    /// Stops it as an operator does.
    pub async fn stop(self) -> Result<(), Error> {
        self.end(Signal::TERM).await
    }

    /// Kills it, like a power cut.
    pub async fn kill(self) -> Result<(), Error> {
        self.end(Signal::KILL).await
    }

    async fn end(mut self, signal: Signal) -> Result<(), Error> {
        kill_process(self.pid, signal).map_err(std::io::Error::from)?;
        self.child.wait().await?;
        Ok(())
    }
}

/// The port in `… http://127.0.0.1:4711`.
fn port_in(banner: &str) -> Option<u16> {
    let port = banner.trim().rsplit(':').next()?;
    port.trim_end_matches('/').parse().ok()
}
