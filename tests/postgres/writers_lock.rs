//! The benchmark of the writers' lock changes what migrations have made, so a migration can break it unnoticed.

use std::{fs, path::Path, time::Duration};

use tokio::{process::Command, time::timeout};

/// How long it may take: it makes a PostgreSQL, and measures a second for each variant, after another one.
const LIMIT: Duration = Duration::from_mins(2);

#[tokio::test]
async fn its_benchmark_measures_each_variant() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/postgres-writes");
    let variants: Vec<_> = fs::read_dir(folder.join("variants"))
        .expect("the variants")
        .map(|variant| {
            let path = variant.expect("a variant").path();
            path.file_stem()
                .and_then(|it| it.to_str())
                .expect("a name")
                .to_owned()
        })
        .collect();
    let mut benchmark = Command::new(folder.join("run"));
    benchmark
        .env("DOTCAST", env!("CARGO_BIN_EXE_dotcast"))
        .envs([("ROUNDS", "1"), ("DURATION", "1"), ("WARM_UP", "1")])
        .env("CLIENTS", "2")
        .env("VARIANTS", variants.join(" "));
    let run = timeout(LIMIT, benchmark.output()).await;
    let run = run.expect("in time").expect("it starts");
    assert!(run.status.success(), "{run:?}");
    let printed = String::from_utf8(run.stdout).expect("UTF-8");
    for variant in variants {
        let row = format!("| 2 | `{variant}` | ");
        assert!(printed.contains(&row), "{row}: {printed}");
    }
}
