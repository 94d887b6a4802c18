//! Looking into the database, for what no answer may tell: what is kept, and that nothing was
//! written.

use sea_orm::{ConnectionTrait as _, QueryResult, Statement, TryGetable};

use super::Server;

/// Every table that a request may write to.
const TABLES: [&str; 5] = ["users", "sessions", "boards", "paths", "events"];

impl Server {
    /// The rows that a statement finds.
    pub async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let database = self.database().await;
        let statement = Statement::from_string(database.get_database_backend(), sql);
        let rows = database.query_all_raw(statement).await.expect(sql);
        database.close().await.expect("close");
        rows
    }

    /// The first column of the rows that a statement finds.
    pub async fn column<T: TryGetable>(&self, sql: &str) -> Vec<T> {
        let rows = self.rows(sql).await;
        rows.iter()
            .map(|row| row.try_get_by_index(0).expect(sql))
            .collect()
    }

    /// How many rows each table has.
    pub async fn counts(&self) -> Vec<(&'static str, i64)> {
        let mut counts = Vec::new();
        for table in TABLES {
            let count: Vec<i64> = self.column(&format!("SELECT COUNT(*) FROM {table}")).await;
            counts.push((table, count[0]));
        }
        counts
    }
}
