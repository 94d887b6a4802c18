//! A log in a real file.

use dotcast_log::schema;
use sea_orm::{Database, DatabaseConnection};
use tempfile::TempDir;

/// A new SQLite file with the tables of a log, and the folder that it goes with.
pub async fn create() -> (DatabaseConnection, TempDir) {
    let directory = TempDir::new().expect("a directory");
    let url = format!("sqlite://{}/log.db?mode=rwc", directory.path().display());
    let db = Database::connect(url).await.expect("a database");
    schema::create(&db).await.expect("a schema");
    (db, directory)
}
