//! The connection that writes, and what comes before its next statement: each round trip to the
//! connection's thread costs more than a short statement does, so `BEGIN` and the like travel with the
//! statement that follows them.

use sea_orm::{
    DbErr, ExecResult, QueryResult, Statement,
    sqlx::{Connection as _, Sqlite, SqliteConnection, sqlite::SqliteConnectOptions},
};

use crate::db::{
    condition::Condition,
    driver::{Answer, Driver as _, connection_error, statement_error},
};

/// Statements without values and results, each ended by a semicolon.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Preamble(pub(super) &'static str);

impl Preamble {
    fn statements(&self) -> usize {
        self.0.matches(';').count()
    }
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Session {
    connection: SqliteConnection,
    condition: Condition,
    /// What comes before the next statement. It stays until it has been done.
    pub(super) preamble: Option<&'static Preamble>,
}

impl Session {
    pub(super) async fn open(
        options: &SqliteConnectOptions,
        condition: &Condition,
    ) -> Result<Self, DbErr> {
        Ok(Self {
            connection: Sqlite::open(options).await.map_err(connection_error)?,
            condition: condition.clone(),
            preamble: None,
        })
    }

    pub(super) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.run(statement, usize::MAX).await?.result()
    }

    /// The first row, if there is one.
    pub(super) async fn query_one(
        &mut self,
        statement: Statement,
    ) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.run(statement, 1).await?.rows.pop())
    }

    pub(super) async fn query_all(
        &mut self,
        statement: Statement,
    ) -> Result<Vec<QueryResult>, DbErr> {
        Ok(self.run(statement, usize::MAX).await?.rows)
    }

    /// Waits for statements under way.
    pub(super) async fn close(self) -> Result<(), DbErr> {
        self.connection.close().await.map_err(connection_error)
    }

    /// Runs a statement until it ends or has given `enough` rows.
    async fn run(&mut self, mut statement: Statement, enough: usize) -> Result<Answer, DbErr> {
        let preamble = self.preamble.take();
        if let Some(preamble) = preamble {
            statement.sql.insert_str(0, preamble.0);
        }
        let (answer, outcome) = Sqlite::run(&mut self.connection, statement, enough).await;
        // Not begun, so whoever goes on all the same must not find itself outside of any transaction.
        if outcome.is_err() && preamble.is_some_and(|it| answer.ended < it.statements()) {
            self.preamble = preamble;
        }
        match outcome {
            Ok(()) => Ok(answer),
            Err(error) => {
                self.condition.note(&error);
                Err(statement_error(error))
            }
        }
    }
}
