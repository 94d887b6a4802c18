//! One attacker against one server, and what an honest client notices of it.
//!
//! Attacker and client have addresses of their own, `127.0.0.66` and `127.0.0.1`. The server trusts no proxy, so each
//! is a separate client. Each attack meets a fresh server and lasts for a while, with the honest client at work
//! beside it. Then all of the attacker's connections are closed, and ten seconds later the server's memory is read
//! once more.
//!
//! - [`attacker`]: what all attacks have in common
//! - [`scene`]: what is done to the server, over [`plain`] sockets and over [`http2`]
//! - [`honest`]: what is measured meanwhile
//! - [`table`]: the result, as it stands in docs/RELIABILITY.md

mod attacker;
pub mod honest;
mod http2;
mod plain;
mod scene;
mod table;

use std::{path::PathBuf, time::Duration};

use clap::Args;
use tempfile::TempDir;
use tokio::time::sleep;

use self::{
    honest::Honest,
    scene::{Attack, Scene},
    table::Row,
};
use crate::{error::Error, server::Server};

/// The target, and the duration.
#[derive(Args, Debug)]
pub struct Options {
    /// Attack this program, a release build
    #[arg(long, default_value = "target/release/dotcast")]
    dotcast: PathBuf,
    /// Run each attack for this many seconds
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Run only attacks whose names contain this
    #[arg(long, default_value = "")]
    only: String,
    /// Write the table into this file, between two lines `<!-- attack -->`
    #[arg(long)]
    into: Option<PathBuf>,
    /// Write the servers' logs to this folder
    #[arg(long, default_value = "target/trial")]
    out: PathBuf,
}

/// Delay until the server's memory is read again after the attack.
const CALM: Duration = Duration::from_secs(10);

/// Attacks in every way; returns whether every bound was kept.
pub async fn run(options: &Options) -> Result<bool, Error> {
    std::fs::create_dir_all(&options.out)?;
    let mut rows = Vec::new();
    for attack in Attack::ALL {
        if !attack.name().contains(&options.only) {
            continue;
        }
        eprintln!("{} …", attack.name());
        let row = one(options, attack).await?;
        eprintln!("{row}");
        rows.push(row);
    }
    let table = table::write(&rows, options.seconds);
    match &options.into {
        Some(file) => table::put(file, &table)?,
        None => table::show(&table),
    }
    Ok(rows.iter().all(Row::is_kept))
}

async fn one(options: &Options, attack: Attack) -> Result<Row, Error> {
    let directory = TempDir::new()?;
    let words = attack.name().split(|it: char| !it.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let log = options.out.join(format!("{}.log", words.join("-")));
    let server = Server::start(&options.dotcast, &directory.path().join("d.db"), &log, 0).await?;
    if let Some(files) = attack.open_files() {
        server.limit_open_files(files)?;
    }
    let honest = Honest::new(server.address).await?;
    let scene = Scene::set(server.address, attack).await?;
    let time = Duration::from_secs(options.seconds);
    // Ordinary work allocates what it needs before the attack.
    honest.work(Duration::from_secs(3)).await?;
    let before = server.memory()?;
    let attacking = scene.begin(attack);
    let (noticed, peak) = tokio::join!(honest.work(time), server.peak(time));
    attacking.stop().await;
    sleep(CALM).await;
    let row = Row {
        attack,
        noticed: noticed?,
        before,
        peak: peak?,
        after: server.memory()?,
    };
    server.stop().await?;
    Ok(row)
}
