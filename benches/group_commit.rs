//! The gain when transactions on SQLite share their commits: boards per second, created by 64 tasks one after the
//! other, with a commit for each and with shared ones.
//!
//! ```console
//! $ cargo bench --bench group_commit
//! ```
//!
//! Rounds of both take turns, each on a new file on the disk of the target directory. If the machine is slow for some
//! seconds, it is so for both.

#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::{
    error::Error,
    fs::File,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use dotcast::{
    boards::{Boards, Dot, Draft},
    db::{Db, Settings},
    idempotency::Attempt,
    users::{Credentials, Users},
};
use dotcast_log::vital::Vital;
use entity::user;
use tempfile::TempDir;

const TASKS: usize = 64;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(4);
/// The default of `--group-commit`, and what it is compared with.
const SIZES: [u32; 2] = [1, 64];

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    let disk = Path::new(env!("CARGO_TARGET_TMPDIR"));
    println!("fsync of one page: {:?}, median", fsync(disk)?);
    let mut rates = [Vec::new(), Vec::new()];
    for round in 1..=ROUNDS {
        for (size, rates) in SIZES.into_iter().zip(&mut rates) {
            let rate = measure(disk, size).await?;
            println!("round {round}: --group-commit {size:2} {rate:7.0} boards/s");
            rates.push(rate);
        }
    }
    let [alone, shared] = rates.map(median);
    println!(
        "median:  --group-commit {:2} {alone:7.0} boards/s",
        SIZES[0]
    );
    println!(
        "median:  --group-commit {:2} {shared:7.0} boards/s",
        SIZES[1]
    );
    println!("ratio:   {:.1}", shared / alone);
    Ok(())
}

/// How long the disk takes for a page at the end of a file, as a commit in WAL mode does at least.
fn fsync(disk: &Path) -> Result<Duration> {
    let directory = TempDir::new_in(disk)?;
    let mut file = File::create(directory.path().join("pages"))?;
    let mut times = Vec::new();
    for _ in 0..200 {
        file.write_all(&[0; 4096])?;
        let begun = Instant::now();
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    times.sort();
    Ok(times[times.len() / 2])
}

/// Boards per second.
async fn measure(disk: &Path, group_commit: u32) -> Result<f64> {
    let directory = TempDir::new_in(disk)?;
    let url = format!("sqlite://{}", directory.path().join("bench.db").display()).parse()?;
    let settings = Settings {
        database_timeout: Duration::from_secs(5),
        group_commit,
        pool_size: 2,
        statement_timeout: None,
        idle_in_transaction_timeout: None,
        application_name: "bench".to_owned(),
    };
    let db = Db::connect(&url, &settings, &Vital::default()).await?;
    db.migrate().await?;
    let credentials = Credentials {
        username: "ada".to_owned(),
        password: "correct horse".to_owned(),
    };
    let ada = Users::new(db.clone())
        .register(credentials, false, None)
        .await?;
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..TASKS {
        tasks.push(tokio::spawn(create(
            Boards::new(db.clone(), 1_000_000),
            ada.clone(),
            begun,
        )));
    }
    let mut created = 0;
    for task in tasks {
        created += task.await??;
    }
    let took = begun.elapsed();
    db.close().await?;
    Ok(f64::from(created) / took.as_secs_f64())
}

/// Creates boards until the round is over; says how many.
async fn create(boards: Boards, creator: user::Model, begun: Instant) -> Result<u32> {
    let mut created = 0;
    let attempt = Attempt {
        key: None,
        cursor: 0,
    };
    while begun.elapsed() < ROUND {
        boards.create(&creator, draft(), &attempt).await?;
        created += 1;
    }
    Ok(created)
}

fn draft() -> Draft {
    let dot = |col| Dot {
        row: 0,
        col,
        color: "#ff0000".to_owned(),
    };
    Draft {
        name: "one of many".to_owned(),
        rows: 3,
        cols: 3,
        dots: vec![dot(0), dot(2)],
    }
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
