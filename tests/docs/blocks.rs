//! Blocks that are no commands: SQL runs, and configurations are valid.

use std::{collections::BTreeMap, fs};

use tempfile::TempDir;
use tokio::process::Command;

use super::{
    markdown::{all, page},
    terminals::path,
};
use crate::harness::{Database, dotcast_on, run};

/// How a block of this language is checked. Blocks without a language show output and trees of files.
const LANGUAGES: [(&str, &str); 13] = [
    ("", "read by people"),
    ("bash", "an example: clients::following"),
    ("console", "typed: see `commands`"),
    ("html", "an example: clients::following"),
    ("ini", "PgBouncer's, which the tests do not install"),
    (
        "js",
        "an example: clients::following, and the package's own tests",
    ),
    ("python", "an example: clients::following"),
    (
        "rust",
        "an example: clients::following, examples::exactly_once",
    ),
    ("rust,no_run", "compiled by `cargo test --doc`"),
    ("sh", "typed: see `commands`"),
    ("sql", "here"),
    ("toml", "here"),
    ("yaml", "here: Prometheus's"),
];

/// The blocks of all pages by their language, each with the place where it is.
fn blocks() -> BTreeMap<String, Vec<(String, String)>> {
    let mut blocks: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for path in all() {
        for (block, _) in page(&path).blocks() {
            let place = format!("{path}, line {}", block.line);
            let of_language = blocks.entry(block.language.clone()).or_default();
            of_language.push((place, block.text.clone()));
        }
    }
    blocks
}

#[test]
fn each_language_is_checked_somewhere() {
    for (language, blocks) in blocks() {
        let is_known = LANGUAGES.iter().any(|(it, _)| *it == language);
        assert!(is_known, "{language}, which nothing checks: {blocks:?}");
    }
}

#[tokio::test]
async fn configuration_files_are_valid() {
    let folder = TempDir::new().expect("a folder");
    let database = Database::sqlite();
    let mut blocks = blocks();
    for (place, text) in blocks.remove("toml").expect("a configuration") {
        let file = folder.path().join("dotcast.toml");
        fs::write(&file, text).expect("write");
        let arguments = ["config", "check", "--config", &file.display().to_string()];
        let checked = dotcast_on(&database, &arguments).await;
        assert_eq!(checked.code, Some(0), "{place}: {checked:?}");
    }
    for (place, text) in blocks.remove("yaml").expect("a configuration") {
        let file = folder.path().join("prometheus.yml");
        fs::write(&file, text).expect("write");
        let mut promtool = Command::new("promtool");
        promtool.args(["check", "config"]).arg(file);
        let checked = run(&mut promtool, "").await;
        assert_eq!(checked.code, Some(0), "{place}: {checked:?}");
    }
}

/// On PostgreSQL, where there is the role that the pages name.
#[tokio::test]
async fn sql_is_understood_by_postgresql() {
    let database = Database::postgres().await;
    dotcast_on(&database, &["migrate", "up"]).await.printed();
    let role = "DO 'BEGIN CREATE ROLE dotcast_app; EXCEPTION WHEN duplicate_object THEN NULL; END'";
    database.execute(role).await;
    for (place, text) in blocks().remove("sql").expect("SQL") {
        let mut psql = Command::new("psql");
        psql.args(["-X", "-v", "ON_ERROR_STOP=1", &database.url()])
            .env("PATH", path());
        let done = run(&mut psql, &text).await;
        assert_eq!(done.code, Some(0), "{place}: {done:?}");
    }
}
