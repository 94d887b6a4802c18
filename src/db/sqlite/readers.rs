//! The connections that read.

use deadpool::{
    Runtime,
    unmanaged::{Object, Pool, PoolConfig, PoolError},
};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    sqlx::sqlite::SqliteConnectOptions,
};

use super::{ACQUIRE_TIMEOUT, session::Session};

/// In WAL mode readers block nobody, so a few serve everybody.
const CONNECTIONS: usize = 4;

/// A statement takes one that is free; clones share them.
#[derive(Clone, Debug)]
pub struct Readers {
    pool: Pool<Session>,
}

impl Readers {
    pub(super) async fn open(options: &SqliteConnectOptions) -> Result<Self, DbErr> {
        let pool = Pool::from_config(&PoolConfig {
            max_size: CONNECTIONS,
            timeout: Some(ACQUIRE_TIMEOUT),
            runtime: Some(Runtime::Tokio1),
        });
        for _ in 0..CONNECTIONS {
            let added = pool.add(Session::open(options).await?).await;
            added.map_err(|(_, error)| acquire_error(error))?;
        }
        Ok(Self { pool })
    }

    async fn get(&self) -> Result<Object<Session>, DbErr> {
        self.pool.get().await.map_err(acquire_error)
    }

    /// Waits for statements under way, and closes the connections. There are no statements any more then.
    pub(in crate::db) async fn close(&self) -> Result<(), DbErr> {
        for _ in 0..CONNECTIONS {
            let session = self.pool.remove().await.map_err(acquire_error)?;
            session.close().await?;
        }
        self.pool.close();
        Ok(())
    }
}

fn acquire_error(error: PoolError) -> DbErr {
    DbErr::ConnectionAcquire(match error {
        PoolError::Timeout => ConnAcquireErr::Timeout,
        PoolError::Closed | PoolError::NoRuntimeSpecified => ConnAcquireErr::ConnectionClosed,
    })
}

#[async_trait::async_trait]
impl ConnectionTrait for Readers {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Sqlite
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.get().await?.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let statement = Statement::from_string(DbBackend::Sqlite, sql);
        self.execute_raw(statement).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.get().await?.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.get().await?.query_all(statement).await
    }
}
