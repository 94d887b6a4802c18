//! What is restored.

use std::{fs, path::Path};

use migration::{Migrator, MigratorTrait as _};
use sea_orm::sqlx::{self, Connection as _, SqliteConnection};

use super::{Error, files::beside, options, reason};

/// Opens a backup and sees to it that it is one, and whole.
///
/// Nothing is written to it or beside it. `immutable` is what makes SQLite keep to that, also on a disk
/// that cannot be written to; it is true of a backup, and of nothing that has a log beside it.
///
/// # Errors
/// When it is anything else than a whole database of dotcast, of this release or of one before it.
pub(super) async fn open(file: &Path) -> Result<SqliteConnection, Error> {
    let refused = |reason: String| Error::NoBackup {
        path: file.to_owned(),
        reason,
    };
    let failed = |error: sqlx::Error| refused(reason(&error));
    if !fs::metadata(file).map_err(Error::file(file))?.is_file() {
        return Err(refused("it is not a file".to_owned()));
    }
    for log in beside(file).filter(|it| !it.to_string_lossy().ends_with("-shm")) {
        if fs::metadata(&log).is_ok_and(|it| it.len() > 0) {
            return Err(refused(format!(
                "{} belongs to it, as to a database in use; make a backup of it with \
                 `dotcast backup --database-url sqlite://{}`, and restore that",
                log.display(),
                file.display()
            )));
        }
    }
    let options = options(file).read_only(true).immutable(true);
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(failed)?;

    let ours: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM sqlite_schema WHERE name IN ('seaql_migrations', 'events')",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(failed)?;
    if ours != 2 {
        return Err(refused("it is no database of dotcast".to_owned()));
    }
    let migrations = Migrator::migrations();
    let has: Vec<String> = sqlx::query_scalar("SELECT version FROM seaql_migrations")
        .fetch_all(&mut connection)
        .await
        .map_err(failed)?;
    let unknown: Vec<_> = has
        .into_iter()
        .filter(|it| migrations.iter().all(|known| known.name() != it))
        .collect();
    if !unknown.is_empty() {
        return Err(refused(format!(
            "it has the migrations {}, which this program does not know; use the program that made it",
            unknown.join(", ")
        )));
    }
    // SQLite reads what is missing of the last page as zeros.
    let size: i64 = sqlx::query_scalar(
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(failed)?;
    if fs::metadata(file).map_err(Error::file(file))?.len() != size.unsigned_abs() {
        return Err(refused("it is damaged: its end is missing".to_owned()));
    }
    let fault: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(&mut connection)
        .await
        .map_err(failed)?;
    if fault != "ok" {
        return Err(refused(format!(
            "it is damaged: {}",
            fault.replace('\n', " ")
        )));
    }
    Ok(connection)
}
