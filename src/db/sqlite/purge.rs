//! Files without remains of what was deleted.
//!
//! A deleted or replaced row stays in the file until its place is used again, and its earlier versions stay in the log
//! beside the file (`-wal`). `VACUUM` copies what is in use into new pages. Then everything is moved from the log into
//! the file, and the log is cut to nothing.

use std::time::Duration;

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, ConnectOptions as _, Connection as _, SqliteConnection},
};
use tokio::time::sleep;

use super::options;
use crate::db::{driver::connection_error, settings::Settings, url::DatabaseUrl};

/// How often to try to empty the log. Readers have to let go of it at the same moment.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Rewrites the files of the database.
pub(in crate::db) async fn purge(url: &DatabaseUrl, settings: &Settings) -> Result<(), DbErr> {
    let options = options(url, settings)?
        .create_if_missing(false)
        // New pages must not begin as copies of old memory.
        .pragma("secure_delete", "ON")
        // It may take long, which is no reason for a warning.
        .disable_statement_logging();
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(connection_error)?;
    sqlx::query("VACUUM")
        .execute(&mut connection)
        .await
        .map_err(connection_error)?;
    let emptied = empty_log(&mut connection).await;
    connection.close().await.map_err(connection_error)?;
    emptied
}

/// Moves what is in the log into the file, and cuts the log to nothing.
async fn empty_log(connection: &mut SqliteConnection) -> Result<(), DbErr> {
    for _ in 0..TRIES {
        let is_busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut *connection)
            .await
            .map_err(connection_error)?;
        if is_busy == 0 {
            return Ok(());
        }
        sleep(PAUSE).await;
    }
    Err(DbErr::Conn(RuntimeErr::Internal(
        "another program keeps reading an earlier state of the database".to_owned(),
    )))
}
