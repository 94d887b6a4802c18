//! What a restore leaves behind when it ends half way, and what it finds then.

use std::{
    fs,
    path::{Path, PathBuf},
};

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    SqlxSqliteConnector,
    sqlx::{
        self, AssertSqlSafe, Connection as _, SqliteConnection,
        sqlite::{SqliteJournalMode, SqlitePoolOptions},
    },
};
use tempfile::TempDir;

use super::{
    Error,
    files::{Partial, beside, remove_beside},
    options,
    restore::{Restored, restore},
    save::save,
    target::Target,
};
use crate::db::url::DatabaseUrl;

/// A directory with a database as a crash leaves it: what was committed last is in its `-wal` only.
async fn crashed(events: u32) -> (TempDir, PathBuf) {
    let origin = TempDir::new().expect("a directory");
    let running = origin.path().join("dotcast.db");
    let options = options(&running)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect_with(options).await.expect("open");
    let db = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.clone());
    Migrator::up(&db, None).await.expect("migrate");
    for _ in 0..events {
        sqlx::query(APPEND).execute(&pool).await.expect("an event");
    }
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("dotcast.db");
    for file in fs::read_dir(origin.path()).expect("read") {
        let file = file.expect("a file");
        fs::copy(file.path(), directory.path().join(file.file_name())).expect("copy");
    }
    assert!(fs::metadata(wal(&path)).expect("a log").len() > 0);
    db.close().await.expect("close");
    (directory, path)
}

const APPEND: &str = "INSERT INTO events (type, topic, payload) VALUES ('newBoard', 7, '{}')";

fn wal(path: &Path) -> PathBuf {
    beside(path).next().expect("the first is the log")
}

fn url(path: &Path) -> DatabaseUrl {
    format!("sqlite://{}", path.display())
        .parse()
        .expect("a URL")
}

async fn execute(path: &Path, sql: &str) {
    let mut connection = SqliteConnection::connect_with(&options(path))
        .await
        .expect("open");
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::query(sql)
        .execute(&mut connection)
        .await
        .expect("execute");
    connection.close().await.expect("close");
}

/// The ids of the events, in a database that is whole.
async fn ids(path: &Path) -> Vec<i64> {
    let mut connection = SqliteConnection::connect_with(&options(path))
        .await
        .expect("open");
    let whole: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&mut connection)
        .await
        .expect("check");
    assert_eq!(whole, "ok");
    let ids = sqlx::query_scalar("SELECT id FROM events ORDER BY id")
        .fetch_all(&mut connection)
        .await
        .expect("events");
    connection.close().await.expect("close");
    ids
}

/// Names in the directory, sorted.
fn names(directory: &TempDir) -> Vec<String> {
    let files = fs::read_dir(directory.path()).expect("read");
    let mut names: Vec<_> = files
        .map(|file| {
            file.expect("a file")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .collect();
    names.sort_unstable();
    names
}

/// A crashed database with five events, and a backup of it from when there were three.
async fn with_backup() -> (TempDir, PathBuf, PathBuf) {
    let (directory, path) = crashed(5).await;
    let backup = directory.path().join("backup");
    let (_earlier, origin) = crashed(3).await;
    assert_eq!(save(&url(&origin), &backup).await.expect("saved"), 3);
    (directory, path, backup)
}

#[tokio::test]
async fn until_the_files_are_exchanged_the_old_database_loses_nothing() {
    let (directory, path) = crashed(3).await;
    let target = Target::hold(path.clone()).await.expect("held");
    assert_eq!((target.given_out, &target.doubt), (3, &None));
    drop(target);
    assert_eq!(ids(&path).await, [1, 2, 3]);
    drop(directory);

    let (directory, path) = crashed(3).await;
    let mut target = Target::hold(path.clone()).await.expect("held");
    target.settle().await.expect("one file");
    // The process ends here: nothing is closed, and what is beside the file is gone.
    remove_beside(&path).expect("removed");
    let copy = directory.path().join("copy");
    fs::copy(&path, &copy).expect("copy");
    assert_eq!(ids(&copy).await, [1, 2, 3]);
}

#[tokio::test]
async fn a_restore_that_was_cut_off_can_be_run_again() {
    let (directory, path, backup) = with_backup().await;
    // Cut off before the last step: a copy stays, as after SIGKILL.
    let partial = Partial::beside(&path).expect("a file");
    let left = directory.path().join("dotcast.db.partial-killed");
    fs::rename(partial.path(), &left).expect("rename");
    drop(partial);
    let restored = restore(&url(&path), &backup).await.expect("restored");
    let expected = Restored {
        newest: 3,
        lost: Some(4..=5),
        doubt: None,
    };
    assert_eq!(restored, expected);
    assert_eq!(ids(&path).await, [1, 2, 3]);

    // Cut off after it: it is a restore of the same again. The id that was skipped counts as given out.
    let restored = restore(&url(&path), &backup).await.expect("restored");
    assert_eq!(restored.lost, Some(4..=6));
    execute(&path, APPEND).await;
    assert_eq!(ids(&path).await, [1, 2, 3, 8]);
    assert_eq!(
        names(&directory),
        ["backup", "dotcast.db", "dotcast.db.partial-killed"]
    );
}

/// As when somebody has deleted the database, and nothing else.
#[tokio::test]
async fn a_log_that_another_database_has_left_is_not_replayed() {
    let (directory, path, backup) = with_backup().await;
    fs::remove_file(&path).expect("remove");
    assert!(wal(&path).exists());
    let restored = restore(&url(&path), &backup).await.expect("restored");
    let lost = restored.lost.expect("a break");
    assert!(*lost.start() == 4 && *lost.end() > 1_000_000, "{lost:?}");
    assert!(restored.doubt.is_some());
    assert_eq!(names(&directory), ["backup", "dotcast.db"]);
    assert_eq!(ids(&path).await, [1, 2, 3]);
}

#[tokio::test]
async fn what_fails_leaves_everything_as_it_was() {
    let (directory, path, backup) = with_backup().await;
    let whole = fs::read(&backup).expect("read");
    let mut broken = whole.clone();
    // The page behind the first three, which hold the schema.
    broken[4096 * 3..4096 * 4].fill(0xa5);
    let mut foreign = whole.clone();
    foreign.truncate(4096 * 3);
    for bytes in [&b""[..], b"junk", &whole[..1000], &broken, &foreign] {
        fs::write(&backup, bytes).expect("write");
        let refused = restore(&url(&path), &backup).await;
        assert!(
            matches!(refused, Err(Error::NoBackup { .. })),
            "{refused:?}"
        );
        assert_eq!(fs::read(&backup).expect("read"), bytes);
        let names = names(&directory);
        assert!(!names.iter().any(|it| it.contains("partial")), "{names:?}");
        assert_eq!(ids(&path).await, [1, 2, 3, 4, 5]);
    }
}

#[tokio::test]
async fn a_backup_of_a_newer_program_is_refused_and_one_of_an_older_is_brought_up_to_date() {
    let (_directory, path, backup) = with_backup().await;
    execute(
        &backup,
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20991231_000001_newer', 0)",
    )
    .await;
    let refused = restore(&url(&path), &backup).await.expect_err("newer");
    assert!(
        refused.to_string().contains("m20991231_000001_newer"),
        "{refused}"
    );
    execute(
        &backup,
        "DELETE FROM seaql_migrations WHERE version = 'm20991231_000001_newer'",
    )
    .await;

    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect_with(options(&backup)).await.expect("open");
    let db = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool);
    // As the first release has left it.
    let later = Migrator::migrations().len() - 3;
    let later = u32::try_from(later).expect("few");
    Migrator::down(&db, Some(later)).await.expect("older");
    db.close().await.expect("close");
    let restored = restore(&url(&path), &backup).await.expect("restored");
    assert_eq!((restored.newest, restored.lost), (3, Some(4..=5)));
    assert_eq!(ids(&path).await, [1, 2, 3]);
}

#[tokio::test]
async fn nothing_is_lost_when_the_backup_has_everything() {
    let (directory, path) = crashed(3).await;
    let backup = directory.path().join("backup");
    save(&url(&path), &backup).await.expect("saved");
    let restored = restore(&url(&path), &backup).await.expect("restored");
    assert_eq!((restored.newest, restored.lost), (3, None));
    execute(&path, APPEND).await;
    assert_eq!(ids(&path).await, [1, 2, 3, 4]);
}

/// A broken page hides some of what was given out, and what can be read still counts.
#[tokio::test]
async fn a_broken_old_database_still_says_how_far_it_got() {
    let (directory, path, backup) = with_backup().await;
    execute(
        &path,
        "UPDATE sqlite_sequence SET seq = 5000000 WHERE name = 'events'",
    )
    .await;
    execute(&path, "PRAGMA journal_mode = DELETE").await;
    let mut connection = SqliteConnection::connect_with(&options(&path))
        .await
        .expect("open");
    let page: i64 =
        sqlx::query_scalar("SELECT rootpage FROM sqlite_schema WHERE name = 'trimmed_through'")
            .fetch_one(&mut connection)
            .await
            .expect("a page");
    connection.close().await.expect("close");
    let mut bytes = fs::read(&path).expect("read");
    let start = usize::try_from(page - 1).expect("small") * 4096;
    bytes[start..start + 4096].fill(0xa5);
    fs::write(&path, bytes).expect("write");

    let restored = restore(&url(&path), &backup).await.expect("restored");
    let lost = restored.lost.expect("a break");
    assert!(*lost.start() == 4 && *lost.end() > 6_000_000, "{lost:?}");
    assert!(restored.doubt.is_some());
    assert_eq!(names(&directory), ["backup", "dotcast.db"]);
}
