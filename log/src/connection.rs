//! The connections that the log's statements run on, whoever lends them.

use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

/// The methods of [`ConnectionTrait`] that `dyn` allows.
#[async_trait]
trait Connected: Debug + Send + Sync {
    fn backend(&self) -> DbBackend;
    async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr>;
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr>;
    async fn query_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr>;
    async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr>;
}

#[async_trait]
impl<C: ConnectionTrait + Debug + Send> Connected for C {
    fn backend(&self) -> DbBackend {
        self.get_database_backend()
    }

    async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        ConnectionTrait::execute_unprepared(self, sql).await
    }

    async fn query_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.query_one_raw(statement).await
    }

    async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.query_all_raw(statement).await
    }
}

/// Any SeaORM connection, or any other implementation of its trait. Clones share it.
#[derive(Clone, Debug)]
pub struct Connection<'a>(Lender<'a>);

#[derive(Clone, Debug)]
enum Lender<'a> {
    Shared(Arc<dyn Connected + 'a>),
    Lent(&'a dyn Connected),
}

/// A [`Connection`] for reading that the log may keep.
pub type Reader = Connection<'static>;

impl<'a> Connection<'a> {
    /// Connections that the log keeps.
    pub fn new(connection: impl ConnectionTrait + Debug + Send + 'a) -> Self {
        Self(Lender::Shared(Arc::new(connection)))
    }

    /// A connection that its owner keeps.
    pub fn lent(connection: &'a (impl ConnectionTrait + Debug + Send)) -> Self {
        Self(Lender::Lent(connection))
    }

    fn get(&self) -> &dyn Connected {
        match &self.0 {
            Lender::Shared(it) => &**it,
            Lender::Lent(it) => *it,
        }
    }
}

#[async_trait]
impl ConnectionTrait for Connection<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.get().backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.get().execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.get().execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.get().query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.get().query_all(statement).await
    }
}
