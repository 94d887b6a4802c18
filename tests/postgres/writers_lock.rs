//! The benchmark of the writers' lock changes what migrations have made, so a migration can break it unnoticed.

use std::{fs, path::Path};

use tokio::process::Command;

use crate::harness::run;

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
    let printed = run(&mut benchmark, "").await.printed();
    for variant in variants {
        let row = format!("| 2 | `{variant}` | ");
        assert!(printed.contains(&row), "{row}: {printed}");
    }
}
