//! Runs SeaORM's statements on a connection of the driver, behind others if need be: each way to the
//! connection's thread and back costs more than a short statement does, so `BEGIN` and the like travel
//! with the statement that follows them.

use futures_util::TryStreamExt as _;
use sea_orm::{
    DbErr, ExecResult, QueryResult, RuntimeErr, SqlxError, Statement,
    sea_query::Values,
    sqlx::{
        self, AssertSqlSafe, Connection as _, Either, Executor as _, SqliteConnection,
        sqlite::{SqliteConnectOptions, SqliteQueryResult, SqliteRow},
    },
};
use sea_query_sqlx::SqlxValues;

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
    /// What comes before the next statement. It stays until it has been done.
    pub(super) preamble: Option<&'static Preamble>,
}

#[derive(Default)]
struct Answer {
    rows: Vec<SqliteRow>,
    /// Of the last statement. Not the sum: one that changes nothing repeats the count of the one before.
    done: SqliteQueryResult,
}

impl Session {
    pub(super) async fn open(options: &SqliteConnectOptions) -> Result<Self, DbErr> {
        let connection = SqliteConnection::connect_with(options).await;
        Ok(Self {
            connection: connection.map_err(connection_error)?,
            preamble: None,
        })
    }

    pub(super) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        let failed = |error: SqlxError| DbErr::Exec(RuntimeErr::SqlxError(error.into()));
        let answer = self.run(statement, usize::MAX).await.map_err(failed)?;
        Ok(answer.done.into())
    }

    /// The first row, if there is one.
    pub(super) async fn query_one(
        &mut self,
        statement: Statement,
    ) -> Result<Option<QueryResult>, DbErr> {
        let mut answer = self.run(statement, 1).await.map_err(query_error)?;
        Ok(answer.rows.pop().map(Into::into))
    }

    pub(super) async fn query_all(
        &mut self,
        statement: Statement,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let answer = self.run(statement, usize::MAX).await.map_err(query_error)?;
        Ok(answer.rows.into_iter().map(Into::into).collect())
    }

    /// Waits for statements under way.
    pub(super) async fn close(self) -> Result<(), DbErr> {
        self.connection.close().await.map_err(connection_error)
    }

    /// Runs a statement until it ends or has given `enough` rows.
    async fn run(&mut self, statement: Statement, enough: usize) -> Result<Answer, SqlxError> {
        let preamble = self.preamble.take();
        let sql = preamble.map_or_else(String::new, |it| it.0.to_owned()) + &statement.sql;
        let values = statement.values.unwrap_or(Values(Vec::new()));
        let query = sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values));
        let mut results = self.connection.fetch_many(query);
        let mut answer = Answer::default();
        let mut ended = 0;
        let outcome = loop {
            match results.try_next().await {
                Ok(Some(Either::Left(done))) => {
                    ended += 1;
                    answer.done = done;
                }
                Ok(Some(Either::Right(row))) => {
                    answer.rows.push(row);
                    if answer.rows.len() == enough {
                        break Ok(answer);
                    }
                }
                Ok(None) => break Ok(answer),
                Err(error) => break Err(error),
            }
        };
        drop(results);
        // Not begun, so whoever goes on all the same must not find itself outside of any transaction.
        if outcome.is_err() && preamble.is_some_and(|it| ended < it.statements()) {
            self.preamble = preamble;
        }
        outcome
    }
}

fn query_error(error: SqlxError) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

pub(super) fn connection_error(error: SqlxError) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}
