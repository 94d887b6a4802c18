//! The backup to restore.

use std::{fs, path::Path};

use migration::{Migrator, MigratorTrait as _};
use sea_orm::sqlx::{self, Connection as _, SqliteConnection};

use super::{Error, files::beside, options, reason};

/// Opens a backup and checks that it is one, and complete.
///
/// Nothing is written to it or beside it. `immutable` makes SQLite keep to that, even on a read-only disk. It
/// is true of a backup, and of no file that has a log beside it.
///
/// # Errors
/// If the file is not a complete dotcast database of this release or an earlier one.
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
                "{} lies beside it, as with a database in use; back it up with \
                 `dotcast backup --database-url sqlite://{}` and restore that backup",
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
        return Err(refused("it is not a dotcast database".to_owned()));
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
            "it has the migrations {}, which this program does not know; use the release that made it",
            unknown.join(", ")
        )));
    }
    // SQLite reads the missing part of a truncated last page as zeros.
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
