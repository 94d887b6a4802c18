//! Another program that appends to the log on PostgreSQL, one step at a time.

use sea_orm::sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, query, query_scalar,
};

use super::{Database, within};

/// A session with a transaction whose every step the test decides.
pub struct Writer {
    session: PgConnection,
}

impl Writer {
    /// Connects, and begins a transaction that holds nothing yet.
    pub async fn begin(database: &Database) -> Self {
        let session = PgConnection::connect(&database.url())
            .await
            .expect("a session");
        let mut writer = Self { session };
        writer.run("BEGIN").await;
        writer
    }

    /// Appends an event; returns its id.
    pub async fn append(&mut self) -> i64 {
        self.append_many(1).await[0]
    }

    /// Appends many in one statement; returns their ids.
    pub async fn append_many(&mut self, count: i32) -> Vec<i64> {
        let rows = query_scalar(
            "INSERT INTO events (type, topic, payload) \
             SELECT 'foreign', 1, '{}' FROM generate_series(1, $1) RETURNING id",
        )
        .bind(count)
        .fetch_all(&mut self.session);
        within("an append", rows).await.expect("an append")
    }

    /// Makes PostgreSQL assign the transaction its number.
    pub async fn number(&mut self) -> i64 {
        query_scalar("SELECT txid_current()")
            .fetch_one(&mut self.session)
            .await
            .expect("a number")
    }

    /// Runs a statement.
    pub async fn run(&mut self, sql: &str) {
        let done = self.session.execute(AssertSqlSafe(sql.to_owned()));
        within(sql, done).await.expect(sql);
    }

    pub async fn commit(mut self) {
        self.run("COMMIT").await;
    }

    pub async fn roll_back(mut self) {
        self.run("ROLLBACK").await;
    }

    /// Makes another session end this one, as an administrator would.
    pub async fn terminate(mut self, database: &Database) {
        let id: i32 = query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut self.session)
            .await
            .expect("a process id");
        let mut administrator = PgConnection::connect(&database.url())
            .await
            .expect("a session");
        query("SELECT pg_terminate_backend($1)")
            .bind(id)
            .execute(&mut administrator)
            .await
            .expect("it is ended");
    }
}
