//! Runs a statement of SeaORM's on a connection of the driver, behind others if need be: each way to the
//! connection's thread and back costs more than a short statement does, so `BEGIN` and the like travel
//! with the statement that follows them.

use futures_util::TryStreamExt as _;
use sea_orm::{
    DbErr, ExecResult, QueryResult, RuntimeErr, SqlxError, Statement,
    sea_query::Values,
    sqlx::{
        self, AssertSqlSafe, Either, Executor as _, Sqlite, SqliteConnection, query::Query,
        sqlite::SqliteQueryResult,
    },
};
use sea_query_sqlx::SqlxValues;

/// Runs `statement` behind `before`, statements that take no values. The result is that of the last.
pub(super) async fn execute(
    connection: &mut SqliteConnection,
    before: &str,
    statement: Statement,
) -> Result<ExecResult, DbErr> {
    let failed = |error: SqlxError| DbErr::Exec(RuntimeErr::SqlxError(error.into()));
    let sql = sql(before, &statement);
    let mut results = connection.fetch_many(query(&sql, statement.values));
    // Not their sum: a statement that changes nothing repeats the count of the one before it.
    let mut last = SqliteQueryResult::default();
    while let Some(result) = results.try_next().await.map_err(failed)? {
        if let Either::Left(done) = result {
            last = done;
        }
    }
    Ok(last.into())
}

/// The first row, if there is one.
pub(super) async fn query_one(
    connection: &mut SqliteConnection,
    before: &str,
    statement: Statement,
) -> Result<Option<QueryResult>, DbErr> {
    let sql = sql(before, &statement);
    let row = query(&sql, statement.values).fetch_optional(connection);
    Ok(row.await.map_err(query_error)?.map(Into::into))
}

/// All rows.
pub(super) async fn query_all(
    connection: &mut SqliteConnection,
    before: &str,
    statement: Statement,
) -> Result<Vec<QueryResult>, DbErr> {
    let sql = sql(before, &statement);
    let rows = query(&sql, statement.values).fetch_all(connection);
    let rows = rows.await.map_err(query_error)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

fn sql(before: &str, statement: &Statement) -> String {
    format!("{before}{}", statement.sql)
}

fn query(sql: &str, values: Option<Values>) -> Query<'_, Sqlite, SqlxValues> {
    let values = values.unwrap_or(Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values))
}

fn query_error(error: SqlxError) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
