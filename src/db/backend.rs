//! What SeaORM runs statements on, whichever database it is.

use std::fmt::Debug;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tracing::Instrument as _;

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
}

impl<S: Runner, P: Runner> Backend<S, P> {
    async fn run(&self, command: Command) -> Result<Reply, DbErr> {
        let (sql, system) = (command.sql(), self.system());
        let span = tracing::trace_span!(
            "statement",
            otel.name = sql.split(' ').next(),
            otel.kind = "client",
            db.system.name = system,
            db.query.text = sql,
        );
        let running = async {
            match self {
                Self::Sqlite(it) => it.run(command).await,
                Self::Postgres(it) => it.run(command).await,
            }
        };
        running.instrument(span).await
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
