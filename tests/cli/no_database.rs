//! Commands that work on a database create none: a wrong path must not look like a new database.

use std::path::Path;

use tempfile::TempDir;

use crate::harness::{Database, Run, program, run};

/// All that need a database and do not create one.
const COMMANDS: [&[&str]; 14] = [
    &["user", "add", "ada"],
    &["user", "add", "ada", "--admin"],
    &["user", "passwd", "ada"],
    &["user", "list"],
    &["user", "promote", "ada"],
    &["user", "demote", "ada"],
    &["user", "disable", "ada"],
    &["user", "enable", "ada"],
    &["user", "delete", "ada", "--yes"],
    &["user", "erase", "ada", "--yes"],
    &["user", "sessions", "end", "ada"],
    &["trim", "--older-than", "1d"],
    &["migrate", "status"],
    &["log", "break"],
];

async fn on(url: &str, arguments: &[&str]) -> Run {
    let mut command = program();
    command.args(arguments).env("DATABASE_URL", url);
    run(&mut command, "correct horse\n").await
}

fn complaint(url: &str) -> String {
    format!("error: there is no database at {url}; create one with `dotcast migrate up`\n")
}

fn files_in(directory: &Path) -> usize {
    directory.read_dir().expect("a directory").count()
}

#[tokio::test]
async fn a_command_in_an_empty_directory_makes_no_database() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path();
    for arguments in COMMANDS.into_iter().chain([&["backup", "copy.db"][..]]) {
        let mut command = program();
        command.args(arguments).current_dir(path);
        let told = run(&mut command, "correct horse\n").await;
        assert_eq!(
            told.complaint(2),
            complaint("sqlite://dotcast.db"),
            "{arguments:?}"
        );
        assert_eq!(files_in(path), 0, "{arguments:?}");
    }
}

#[tokio::test]
async fn a_database_without_tables_is_none_and_gets_none() {
    let database = Database::new().await;
    let url = database.url();
    if !database.is_postgres() {
        std::fs::write(database.file(), "").expect("write");
    }
    for arguments in COMMANDS {
        let told = on(&url, arguments).await.complaint(2);
        assert_eq!(told, complaint(&url), "{arguments:?}");
        if database.is_postgres() {
            let relations =
                "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
            assert_eq!(
                database.column::<i64>(relations).await,
                [0],
                "{arguments:?}"
            );
        } else {
            let size = std::fs::metadata(database.file()).expect("a file").len();
            assert_eq!(size, 0, "{arguments:?}");
            assert_eq!(files_in(database.directory()), 1, "{arguments:?}");
        }
    }
    on(&url, &["migrate", "up"]).await.printed();
    let added = on(&url, &["user", "add", "ada"]).await.printed();
    assert_eq!(added, "registered the user ada\n");
}

#[tokio::test]
async fn a_database_of_another_program_is_none_and_is_left_alone() {
    let database = Database::new().await;
    let url = database.url();
    database
        .execute("CREATE TABLE theirs (id bigint); INSERT INTO theirs VALUES (7);")
        .await;
    for arguments in COMMANDS {
        let told = on(&url, arguments).await.complaint(2);
        assert_eq!(told, complaint(&url), "{arguments:?}");
    }
    let tables = if database.is_postgres() {
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    } else {
        "SELECT name FROM sqlite_schema"
    };
    assert_eq!(database.column::<String>(tables).await, ["theirs"]);
    assert_eq!(database.column::<i64>("SELECT id FROM theirs").await, [7]);
}

/// The URL can ask for a new file, but only where one is made.
#[tokio::test]
async fn a_url_that_asks_for_a_new_file_gets_none_either() {
    let directory = TempDir::new().expect("a directory");
    let url = format!("sqlite://{}/none.db?mode=rwc", directory.path().display());
    for arguments in COMMANDS {
        let told = on(&url, arguments).await.complaint(2);
        assert!(told.contains("none.db"), "{arguments:?}: {told}");
        assert_eq!(files_in(directory.path()), 0, "{arguments:?}");
    }
}
