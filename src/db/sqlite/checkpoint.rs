//! Keeps the log beside the file (`-wal`) small while much is changed.
//!
//! A commit that finds a thousand pages in the log moves them into the file. But the log begins anew only if nobody has
//! added to it meanwhile, and with two programs that write, one always has: the log grows without end, and every commit
//! moves pages. So whoever changes much moves the pages while others write, and then keeps them away for the moment in
//! which the few that were added meanwhile are moved and the log is cut to nothing.

use std::{fs, time::Duration};

use sea_orm::{
    DbErr,
    sqlx::{self, Connection as _, SqliteConnection},
};

use super::options;
use crate::db::{driver::connection_error, settings::Settings, url::DatabaseUrl};

/// From this size on the log is cut: half of what has commits move pages by themselves.
const LARGE: u64 = 2 << 20;
/// Above this size the log can obviously not be cut.
const TOO_LARGE: u64 = 64 << 20;
/// How long others are kept away to wait for readers of the log. They have it for a millisecond at a time, and those
/// that need it longer do so for seconds.
const PATIENCE: Duration = Duration::from_millis(10);

/// Cuts the log to nothing if it is large. False if readers keep it from that and it is too large.
pub(in crate::db) async fn tidy(url: &DatabaseUrl, settings: &Settings) -> Result<bool, DbErr> {
    let options = options(url, settings)?
        .create_if_missing(false)
        .busy_timeout(PATIENCE);
    let mut log = options.get_filename().as_os_str().to_owned();
    log.push("-wal");
    let size = || fs::metadata(&log).map_or(0, |it| it.len());
    if size() < LARGE {
        return Ok(true);
    }
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(connection_error)?;
    for checkpoint in [
        "PRAGMA wal_checkpoint(PASSIVE)",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ] {
        // If others are in its way, it has moved what it could, and says so in a row.
        sqlx::query(checkpoint)
            .execute(&mut connection)
            .await
            .map_err(connection_error)?;
    }
    connection.close().await.map_err(connection_error)?;
    Ok(size() < TOO_LARGE)
}
