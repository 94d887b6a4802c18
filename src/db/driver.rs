//! Runs SeaORM's statements on a connection of the driver, sqlx.

use std::{fmt, time::Duration};

use futures_util::TryStreamExt as _;
use sea_orm::{
    DbErr, ExecResult, QueryResult, RuntimeErr, SqlxError, Statement, Value,
    sea_query::Values,
    sqlx::{self, AssertSqlSafe, Database, Either, Executor, IntoArguments, raw_sql},
};
use sea_query_sqlx::SqlxValues;

/// What a connection is to do.
#[derive(Clone, Debug)]
pub enum Command {
    /// Run a prepared statement until it ends or has given `enough` rows.
    Prepared {
        /// With its values.
        statement: Statement,
        /// At least 1. There may be more rows all the same.
        enough: usize,
    },
    /// Run statements as they are, without values.
    Unprepared(String),
}

impl Command {
    /// Runs a statement to its end.
    pub fn all_of(statement: Statement) -> Self {
        Self::Prepared {
            statement,
            enough: usize::MAX,
        }
    }

    /// Runs a statement until there is a row.
    pub fn first_of(statement: Statement) -> Self {
        Self::Prepared {
            statement,
            enough: 1,
        }
    }

    /// Runs statements as they are, without values.
    pub fn unprepared(sql: &str) -> Self {
        Self::Unprepared(sql.to_owned())
    }

    /// The same command behind statements of PostgreSQL that have neither values nor results, so that both are one
    /// message. A message of several statements has no values, so these become part of what it says; only numbers do.
    ///
    /// # Errors
    /// The command, if it has other values.
    pub fn behind(self, first: &str) -> Result<Self, Self> {
        Ok(match self {
            Self::Unprepared(sql) => Self::Unprepared(format!("{first}; {sql}")),
            Self::Prepared { statement, enough } => {
                let is_number =
                    |it: &Value| matches!(it, Value::BigInt(Some(_)) | Value::BigUnsigned(Some(_)));
                let values = statement.values.as_ref();
                if !values.is_none_or(|values| values.0.iter().all(is_number)) {
                    return Err(Self::Prepared { statement, enough });
                }
                Self::Unprepared(format!("{first}; {statement}"))
            }
        })
    }

    /// What it says; its values are apart.
    pub fn sql(&self) -> &str {
        match self {
            Self::Prepared { statement, .. } => &statement.sql,
            Self::Unprepared(sql) => sql,
        }
    }
}

/// A database as the driver speaks to it.
pub trait Driver: fmt::Debug + Send + Sync + 'static {
    /// Whether the database is reached over a network. Then a connection may die while it is idle, and a statement is
    /// cut off in the middle when its caller goes away.
    const IS_REMOTE: bool;
    /// How a connection is made.
    type Options: fmt::Debug + Send + Sync;
    /// An open connection.
    type Connection: fmt::Debug + Send;

    /// Opens a connection, and refuses an unusable one.
    fn open(
        options: &Self::Options,
    ) -> impl Future<Output = Result<Self::Connection, SqlxError>> + Send;

    /// Runs a command.
    fn run(
        connection: &mut Self::Connection,
        command: Command,
    ) -> impl Future<Output = (Reply, Result<(), SqlxError>)> + Send;

    /// Pings the connection.
    fn ping(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<(), SqlxError>> + Send;

    /// Closes a connection, and tells the server if there is one.
    fn close(connection: Self::Connection) -> impl Future<Output = Result<(), SqlxError>> + Send;

    /// Whether the connection is unusable after this error.
    fn is_fatal(error: &SqlxError) -> bool;
}

/// What a command gave.
#[derive(Debug, Default)]
pub struct Reply {
    /// Its rows.
    pub rows: Vec<QueryResult>,
    /// How the last statement ended. This is not a sum, because on SQLite a statement that changes nothing repeats the
    /// count of the one before.
    pub done: Option<ExecResult>,
    /// How many statements ended.
    pub ended: usize,
}

/// Runs a command on a connection of any driver. `statements` is how many it is made of, if the driver may be left alone
/// as soon as the last one has ended.
pub(super) async fn run<'c, DB, C>(
    connection: C,
    command: Command,
    statements: Option<usize>,
) -> (Reply, Result<(), SqlxError>)
where
    DB: Database,
    DB::Row: Into<QueryResult>,
    DB::QueryResult: Into<ExecResult>,
    C: Executor<'c, Database = DB>,
    SqlxValues: IntoArguments<DB>,
{
    match command {
        Command::Prepared { statement, enough } => {
            let values = statement.values.unwrap_or(Values(Vec::new()));
            let query = sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values));
            collect::<DB>(connection.fetch_many(query), enough, statements).await
        }
        Command::Unprepared(sql) => {
            let sql = raw_sql(AssertSqlSafe(sql));
            collect::<DB>(connection.fetch_many(sql), usize::MAX, statements).await
        }
    }
}

/// Collects what a command returns.
async fn collect<DB>(
    mut results: impl futures_util::Stream<Item = Result<Either<DB::QueryResult, DB::Row>, SqlxError>>
    + Unpin,
    enough: usize,
    statements: Option<usize>,
) -> (Reply, Result<(), SqlxError>)
where
    DB: Database,
    DB::Row: Into<QueryResult>,
    DB::QueryResult: Into<ExecResult>,
{
    let mut reply = Reply::default();
    loop {
        match results.try_next().await {
            Ok(Some(Either::Left(done))) => {
                reply.ended += 1;
                reply.done = Some(done.into());
                if Some(reply.ended) == statements {
                    return (reply, Ok(()));
                }
            }
            Ok(Some(Either::Right(row))) => {
                reply.rows.push(row.into());
                if reply.rows.len() == enough {
                    return (reply, Ok(()));
                }
            }
            Ok(None) => return (reply, Ok(())),
            Err(error) => return (reply, Err(error)),
        }
    }
}

impl Reply {
    /// How the last statement ended.
    pub fn result(self) -> Result<ExecResult, DbErr> {
        self.done
            .ok_or_else(|| DbErr::RecordNotFound("a result".to_owned()))
    }
}

/// The error of a statement that failed.
pub(super) fn statement_error(error: SqlxError) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

/// The error of a connection that could not be made, or broke.
pub(super) fn connection_error(error: SqlxError) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

/// The error of a database that was silent for this long.
pub(super) fn silent(after: Duration) -> DbErr {
    let after = humantime::format_duration(after);
    DbErr::Conn(RuntimeErr::Internal(format!(
        "the database did not answer within {after}"
    )))
}

#[cfg(test)]
mod tests {
    use sea_orm::DbBackend;

    use super::*;

    #[test]
    fn only_numbers_travel_in_what_a_command_says() {
        let sql = r#"SELECT "id" FROM "boards" WHERE "id" = $1 AND 'a$1' <> $2"#;
        let command = |values: [Value; 2]| {
            Command::all_of(Statement::from_sql_and_values(
                DbBackend::Postgres,
                sql,
                values,
            ))
        };
        let numbers = command([7_i64.into(), 1_u64.into()]).behind("BEGIN");
        assert_eq!(
            numbers.expect("both").sql(),
            r#"BEGIN; SELECT "id" FROM "boards" WHERE "id" = 7 AND 'a$1' <> 1"#
        );
        let text = command([7_i64.into(), "1".into()]).behind("BEGIN");
        assert_eq!(text.expect_err("a text").sql(), sql);
        let both = Command::unprepared("SELECT 1").behind("BEGIN");
        assert_eq!(both.expect("both").sql(), "BEGIN; SELECT 1");
    }
}
