//! What SeaORM runs statements on, whichever database it is.

use std::fmt::Debug;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tracing::{Instrument as _, Span};

use super::driver::{Command, Reply};

/// SQLite's version of something, or PostgreSQL's.
#[derive(Clone, Debug)]
pub enum Backend<S, P> {
    /// SQLite's.
    Sqlite(S),
    /// PostgreSQL's.
    Postgres(P),
}

/// Runs commands on a connection that it holds, or that it borrows for each.
pub trait Runner: Debug + Send + Sync {
    /// Runs a command.
    ///
    /// # Errors
    /// If it failed or missed its deadline, or if there is no connection for it.
    fn run(&self, command: Command) -> impl Future<Output = Result<Reply, DbErr>> + Send;

    /// Runs a statement before any that follows it, and before a commit. If it has not run yet when this completes, what
    /// it returns tells of no row, and its error is that of what it runs with.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    fn defer(
        &self,
        statement: Statement,
    ) -> impl Future<Output = Result<ExecResult, DbErr>> + Send {
        async { self.run(Command::all_of(statement)).await?.result() }
    }
}

impl<S: Runner, P: Runner> Backend<S, P> {
    async fn run(&self, command: Command) -> Result<Reply, DbErr> {
        let span = self.span(command.sql());
        let running = async {
            match self {
                Self::Sqlite(it) => it.run(command).await,
                Self::Postgres(it) => it.run(command).await,
            }
        };
        running.instrument(span).await
    }

    async fn defer(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let span = self.span(&statement.sql);
        let deferring = async {
            match self {
                Self::Sqlite(it) => it.defer(statement).await,
                Self::Postgres(it) => it.defer(statement).await,
            }
        };
        deferring.instrument(span).await
    }

    fn span(&self, sql: &str) -> Span {
        tracing::trace_span!(
            "statement",
            otel.name = sql.split(' ').next(),
            otel.kind = "client",
            db.system.name = self.system(),
            db.query.text = sql,
        )
    }

    /// Its name in OpenTelemetry's semantic conventions.
    fn system(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgresql",
        }
    }
}

#[async_trait::async_trait]
impl<S: Runner, P: Runner> ConnectionTrait for Backend<S, P> {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Sqlite(_) => DbBackend::Sqlite,
            Self::Postgres(_) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.run(Command::all_of(statement)).await?.result()
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.run(Command::unprepared(sql)).await?.result()
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let rows = self.run(Command::first_of(statement)).await?.rows;
        Ok(rows.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(self.run(Command::all_of(statement)).await?.rows)
    }
}

/// The same, for statements whose result nobody needs: those that return no rows are [deferred](Runner::defer).
#[derive(Debug)]
pub struct Deferred<'a, S, P>(pub &'a Backend<S, P>);

#[async_trait::async_trait]
impl<S: Runner, P: Runner> ConnectionTrait for Deferred<'_, S, P> {
    fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.0.defer(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.0.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.0.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.0.query_all_raw(statement).await
    }
}
