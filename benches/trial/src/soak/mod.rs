//! Two servers on one database for a long time: streams come and go, boards are made, and one of the servers is
//! killed and restarted at random. The other one lives through all of it, and its memory must not grow.
//!
//! - [`stream`]: one client that follows the log, and what it was sent
//! - [`writer`]: clients that make boards, and which of them were answered
//! - [`ledger`]: what must be true in the end

mod ledger;
mod stream;
mod writer;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use clap::Args;
use tempfile::TempDir;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::ledger::Ledger;
use crate::{error::Error, server::Server};

/// The load, and the duration.
#[derive(Args, Debug)]
pub struct Options {
    /// Run this program, a release build
    #[arg(long, default_value = "target/release/dotcast")]
    dotcast: PathBuf,
    /// Run for this long
    #[arg(long, default_value_t = 30)]
    minutes: u64,
    /// Let this many streams come and go
    #[arg(long, default_value_t = 2000)]
    streams: usize,
    /// Make this many boards a second
    #[arg(long, default_value_t = 50)]
    writes: u32,
    /// Write the servers' logs to this folder
    #[arg(long, default_value = "target/trial")]
    out: PathBuf,
}

/// Shortest and longest time between two kills, in seconds.
const KILL_AFTER: (u64, u64) = (20, 120);
/// How long streams have to receive everything once nothing is written any more.
const CATCH_UP: Duration = Duration::from_mins(1);
/// Interval between readings of memory.
const SAMPLE: Duration = Duration::from_secs(1);

/// One of several client addresses, so that no client exceeds its share.
fn client_address(index: usize) -> Ipv4Addr {
    let host = u8::try_from(index % 100 + 1).unwrap_or(1);
    Ipv4Addr::new(127, 0, 1, host)
}

/// Runs the trial; returns whether every promise was kept.
pub async fn run(options: &Options) -> Result<bool, Error> {
    std::fs::create_dir_all(&options.out)?;
    let directory = TempDir::new()?;
    let database = directory.path().join("d.db");
    let start = |name: &str, port| {
        let log = options.out.join(format!("soak-{name}.log"));
        let (program, database) = (options.dotcast.clone(), database.clone());
        async move { Server::start(&program, &database, &log, port).await }
    };
    let steady = start("steady", 0).await?;
    let mut killed = start("killed", 0).await?;
    let port = killed.address.port();
    let servers: Arc<[SocketAddr]> = [steady.address, killed.address].into();
    let ledger = Arc::new(Ledger::default());
    let (stop_writing, stop) = (CancellationToken::new(), CancellationToken::new());
    let (writers, streams) = (TaskTracker::new(), TaskTracker::new());
    for index in 0..options.writes.div_ceil(5) {
        let writer = writer::run(
            index,
            Arc::clone(&servers),
            Arc::clone(&ledger),
            stop_writing.clone(),
        );
        writers.spawn(writer);
    }
    for index in 0..options.streams {
        streams.spawn(stream::run(
            index,
            Arc::clone(&servers),
            Arc::clone(&ledger),
            stop.clone(),
        ));
    }

    let end = Instant::now() + Duration::from_secs(options.minutes * 60);
    let began = Instant::now();
    let mut minutes = Vec::new();
    let mut kills = 0;
    let mut kill_at = Instant::now() + pause();
    println!(
        "minute | memory of the surviving server, MiB (least, most) | kills | events sent to streams"
    );
    let (mut least, mut most, mut next_line) = (f64::MAX, 0_f64, 1);
    while Instant::now() < end {
        sleep(SAMPLE).await;
        let memory = steady.memory()?;
        (least, most) = (least.min(memory), most.max(memory));
        if began.elapsed() >= Duration::from_secs(60 * next_line) {
            println!(
                "{next_line:6} | {least:.1} {most:.1} | {kills} | {}",
                ledger.delivered()
            );
            minutes.push(most);
            (least, most, next_line) = (f64::MAX, 0.0, next_line + 1);
        }
        if Instant::now() >= kill_at {
            killed.kill().await?;
            kills += 1;
            killed = start("killed", port).await?;
            kill_at = Instant::now() + pause();
        }
    }
    stop_writing.cancel();
    writers.close();
    writers.wait().await;
    let log = ledger::read_log(steady.address).await?;
    let newest = log.last().map_or(0, |event| event.id);
    let deadline = Instant::now() + CATCH_UP;
    while ledger.behind(newest) > 0 && Instant::now() < deadline {
        sleep_until(Instant::now() + Duration::from_millis(100)).await;
    }
    let behind = ledger.behind(newest);
    stop.cancel();
    streams.close();
    streams.wait().await;
    steady.stop().await?;
    killed.stop().await?;
    let faults = ledger.faults(&log);
    println!(
        "{} events, {} boards answered with 201, {} stretches of streams, {} deliveries, {kills} kills",
        log.len(),
        ledger.answered(),
        ledger.stretches(),
        ledger.delivered(),
    );
    println!("{behind} streams did not catch up; {} faults", faults.len());
    for fault in faults.iter().take(20) {
        println!("  {fault}");
    }
    // Caches and pools fill during the first fifth.
    let settled = minutes.get(minutes.len() / 5..).unwrap_or_default();
    let grew = match (settled.first(), settled.last()) {
        (Some(early), Some(late)) => *late > early * 1.2,
        _ => false,
    };
    if grew {
        println!("memory grew: {minutes:.1?}");
    }
    Ok(behind == 0 && faults.is_empty() && !grew)
}

fn pause() -> Duration {
    Duration::from_secs(fastrand::u64(KILL_AFTER.0..=KILL_AFTER.1))
}
