//! One attacker against one server, and what an honest client notices of it.
//!
//! Attacker and client have addresses of their own, `127.0.0.66` and `127.0.0.1`, and the server trusts no
//! proxy, so each is a client of its own to it. Each attack meets a fresh server. It lasts for a while, with
//! the honest client at work beside it; then all of the attacker's connections are closed, and ten
//! seconds later the server's memory is looked at once more.
//!
//! - [`attack`]: what is done to the server, over [`plain`] sockets and over [`http2`]
//! - [`honest`]: what is measured meanwhile
//! - [`server`]: the program, and its memory
//! - [`table`]: the result, as it stands in docs/RELIABILITY.md

mod attack;
mod error;
mod honest;
mod http2;
mod plain;
mod server;
mod table;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use tokio::time::sleep;

use self::{
    attack::{Attack, Scene},
    error::Error,
    honest::Honest,
    server::Server,
    table::Row,
};

/// Attack a server in every known way, one after the other, and write a table of what it did to others
#[derive(Debug, Parser)]
struct Cli {
    /// The program under attack, a release build
    #[arg(long, default_value = "target/release/dotcast")]
    dotcast: PathBuf,
    /// How long each attack lasts
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Only attacks whose name holds this
    #[arg(long, default_value = "")]
    only: String,
    /// A file with the two lines `<!-- attack -->`; the table is written between them
    #[arg(long)]
    into: Option<PathBuf>,
    /// Where the servers write their logs
    #[arg(long, default_value = "target/attack")]
    out: PathBuf,
}

/// So long after the attack the server's memory is looked at again.
const CALM: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    // Fails only if there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("dotcast-attack: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(&Cli::parse())) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("dotcast-attack: a bound was not kept; the table says which");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("dotcast-attack: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every bound was kept.
async fn run(cli: &Cli) -> Result<bool, Error> {
    std::fs::create_dir_all(&cli.out)?;
    let mut rows = Vec::new();
    for attack in Attack::ALL {
        if !attack.name().contains(&cli.only) {
            continue;
        }
        eprintln!("{} …", attack.name());
        let row = one(cli, attack).await?;
        eprintln!("{row}");
        rows.push(row);
    }
    let table = table::write(&rows, cli.seconds);
    match &cli.into {
        Some(file) => table::put(file, &table)?,
        None => table::show(&table),
    }
    Ok(rows.iter().all(Row::is_kept))
}

async fn one(cli: &Cli, attack: Attack) -> Result<Row, Error> {
    let server = Server::start(&cli.dotcast, &cli.out, attack).await?;
    let honest = Honest::new(server.address).await?;
    let scene = Scene::set(server.address, attack).await?;
    // What it needs for its ordinary work is there before it is attacked.
    honest.work(Duration::from_secs(3)).await?;
    let before = server.memory()?;
    let attacking = scene.begin(attack);
    let (noticed, peak) = tokio::join!(
        honest.work(Duration::from_secs(cli.seconds)),
        server.peak(Duration::from_secs(cli.seconds)),
    );
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
