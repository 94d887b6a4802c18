//! `examples/why.rs`, which shows what `docs/WHY.md` says.

use tokio::process::Command;

use super::example;
use crate::harness::{Cluster, run};

#[tokio::test]
async fn it_shows_what_others_lose_and_wait_for() {
    let measures = std::env::var_os("WHY_MEASURE").is_some();
    // Commits that reach the disk, where they are measured.
    let settings: &[&str] = if measures { &["fsync=on"] } else { &[] };
    let cluster = Cluster::start_with(settings).await;
    let mut why = Command::new(example("why"));
    why.arg(cluster.url("postgres"));
    if measures {
        why.arg("--measure");
    }
    let printed = run(&mut why, "").await.printed();
    let documented = include_str!("../../docs/WHY.md");
    for line in printed.lines() {
        let (fact, _) = line.split_once(';').unwrap_or((line, ""));
        assert!(documented.contains(fact), "{line}");
    }
    #[expect(clippy::print_stdout, reason = "for `make why`")]
    if measures {
        println!("{printed}");
    }
}
