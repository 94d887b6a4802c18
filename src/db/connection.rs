//! What SeaORM runs statements on, whichever the database is.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

/// A connection to SQLite, or one to PostgreSQL.
#[derive(Clone, Debug)]
pub enum Connection<S, P> {
    /// To SQLite.
    Sqlite(S),
    /// To PostgreSQL.
    Postgres(P),
}

#[async_trait::async_trait]
impl<S: ConnectionTrait, P: ConnectionTrait> ConnectionTrait for Connection<S, P> {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Sqlite(it) => it.get_database_backend(),
            Self::Postgres(it) => it.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sqlite(it) => it.execute_raw(statement).await,
            Self::Postgres(it) => it.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sqlite(it) => it.execute_unprepared(sql).await,
            Self::Postgres(it) => it.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Sqlite(it) => it.query_one_raw(statement).await,
            Self::Postgres(it) => it.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Sqlite(it) => it.query_all_raw(statement).await,
            Self::Postgres(it) => it.query_all_raw(statement).await,
        }
    }
}
