//! `dotcast backup`.

use std::{io, path::Path};

use dotcast_log::EventId;
use sea_orm::sqlx::{self, Connection as _, SqliteConnection};

use super::{
    Error, copy,
    files::{Partial, resolve},
    options,
};
use crate::db::url::DatabaseUrl;

/// Saves the database in `file`, as it is at one moment; servers may go on using it. Returns the newest event in it.
///
/// The file appears once all of it is on the disk. Its mode is 0600, because it contains password hashes.
///
/// # Errors
/// Also if `file` exists.
pub async fn save(url: &DatabaseUrl, file: &Path) -> Result<EventId, Error> {
    let database = url.file().ok_or(Error::Postgres)?;
    if file.symlink_metadata().is_ok() {
        return Err(Error::Exists(file.to_owned()));
    }
    // Absolute, because SQLite takes a name that begins with `file:` for something else.
    let file = &resolve(file).map_err(Error::file(file))?;
    let partial = Partial::beside(file).map_err(Error::file(file))?;

    let failed = Error::database(&database);
    // Not read-only: after a crash the database must be recovered before it can be read.
    let mut source = SqliteConnection::connect_with(&options(&database))
        .await
        .map_err(&failed)?;
    copy(&mut source, partial.path()).await.map_err(&failed)?;
    source.close().await.map_err(&failed)?;

    let newest = newest(partial.path())
        .await
        .map_err(Error::database(file))?;
    partial.sync().map_err(Error::file(file))?;
    partial
        .become_new(file)
        .map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Error::Exists(file.to_owned()),
            _ => Error::file(file)(error),
        })?;
    Ok(newest)
}

async fn newest(copy: &Path) -> Result<EventId, sqlx::Error> {
    let mut connection = SqliteConnection::connect_with(&options(copy)).await?;
    let newest = sqlx::query_scalar(
        "SELECT MAX(event_id, COALESCE((SELECT MAX(id) FROM events), 0)) FROM trimmed_through",
    )
    .fetch_one(&mut connection)
    .await?;
    connection.close().await?;
    Ok(newest)
}
