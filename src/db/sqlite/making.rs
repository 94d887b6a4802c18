//! The file of a SQLite database, which may not exist yet.

use std::{
    fs::{OpenOptions, Permissions},
    io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use sea_orm::{
    DbErr, RuntimeErr, SqlxError,
    sqlx::{
        self, ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions,
    },
};

use crate::db::{driver::connection_error, url::DatabaseUrl};

/// Only for its owner: it contains password hashes.
const MODE: u32 = 0o600;

/// Creates the file, empty, if it is missing. SQLite would let the umask decide who may read it. The files that SQLite
/// creates next to it get the same mode.
pub(super) fn make(path: &Path) -> Result<(), DbErr> {
    let made = OpenOptions::new()
        .write(true)
        // Never open an existing file: closing it again would release SQLite's locks.
        .create_new(true)
        .mode(MODE)
        .open(path)
        // The umask may have cleared some of these bits.
        .and_then(|file| file.set_permissions(Permissions::from_mode(MODE)));
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(DbErr::Conn(
            RuntimeErr::SqlxError(SqlxError::Io(error).into()),
        )),
        _ => Ok(()),
    }
}

/// Whether there is a file with our tables. Creates nothing, and does not change a file that is not ours.
pub(in crate::db) async fn is_there(url: &DatabaseUrl) -> Result<bool, DbErr> {
    let options: SqliteConnectOptions = url.expose().parse().map_err(connection_error)?;
    match options.get_filename().try_exists() {
        Ok(true) => {}
        Ok(false) => return Ok(false),
        Err(error) => return Err(connection_error(SqlxError::Io(error))),
    }
    let options = options
        .create_if_missing(false)
        .log_statements(log::LevelFilter::Debug);
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(connection_error)?;
    let tables: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'seaql_migrations'")
            .fetch_one(&mut connection)
            .await
            .map_err(connection_error)?;
    connection.close().await.map_err(connection_error)?;
    Ok(tables > 0)
}
