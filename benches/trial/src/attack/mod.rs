//! One attacker against one server, and what an honest client notices of it.
//!
//! Attacker and client have addresses of their own, `127.0.0.66` and `127.0.0.1`, and the server trusts no
//! proxy, so each is a client of its own to it. Each attack meets a fresh server. It lasts for a while, with
//! the honest client at work beside it; then all of the attacker's connections are closed, and ten
//! seconds later the server's memory is looked at once more.
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

/// What is attacked, and for how long.
#[derive(Args, Debug)]
pub struct Options {
    /// The program under attack, a release build
    #[arg(long, default_value = "target/release/dotcast")]
    dotcast: PathBuf,
    /// How long each attack lasts, in seconds
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Only attacks whose name contains this
    #[arg(long, default_value = "")]
    only: String,
    /// A file with two lines `<!-- attack -->`; the table is written between them
    #[arg(long)]
    into: Option<PathBuf>,
    /// Where the servers write their logs
    #[arg(long, default_value = "target/trial")]
    out: PathBuf,
}

/// How long after the attack the server's memory is looked at again.
const CALM: Duration = Duration::from_secs(10);

/// Attacks in every way; whether every bound was kept.
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
    // What it needs for its ordinary work is there before it is attacked.
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
