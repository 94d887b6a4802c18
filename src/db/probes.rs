//! Whether the database can serve requests.

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr};

use super::Db;

/// What requests read and write.
const TABLES: [&str; 12] = [
    "users",
    "sessions",
    "boards",
    "paths",
    "solutions",
    "solved_counts",
    "events",
    "trimmed_through",
    "settled_through",
    "event_times",
    "idempotency_keys",
    "consumers",
];

impl Db {
    /// Reads a row of each table.
    ///
    /// # Errors
    /// One cannot be read.
    pub async fn probe_reading(&self) -> Result<(), DbErr> {
        let reader = self.hurried_reader();
        // Read the table itself; without this SQLite would be content with an index.
        let table = match reader.get_database_backend() {
            DbBackend::Sqlite => " NOT INDEXED",
            _ => "",
        };
        let one = |name| format!("(SELECT 1 FROM {name}{table} LIMIT 1)");
        let tables = TABLES.map(one).join(", ");
        reader
            .execute_unprepared(&format!("SELECT {tables}"))
            .await?;
        Ok(())
    }

    /// Begins a transaction for writing, and ends it without having written anything.
    ///
    /// # Errors
    /// Nothing can be written now.
    pub async fn probe_writing(&self) -> Result<(), DbErr> {
        let transaction = self.transaction().await?;
        let connection = transaction.connection();
        let sql = match connection.get_database_backend() {
            // This fails by itself when another transaction holds the table, so the connection need not be given up.
            DbBackend::Postgres => {
                "SET LOCAL lock_timeout TO '1s'; LOCK TABLE events IN ROW EXCLUSIVE MODE"
            }
            _ => "SELECT 1",
        };
        connection.execute_unprepared(sql).await?;
        Ok(())
    }
}
