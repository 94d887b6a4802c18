//! Opens the connections of a pool, and decides whether one can be lent again.

use std::time::Duration;

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use sea_orm::DbErr;
use tokio::time::timeout;

use crate::db::{
    condition::Condition,
    driver::{Driver, connection_error, silent},
};

/// A connection that was idle for longer than this is pinged before it is lent.
const FRESH: Duration = Duration::from_secs(1);

/// How long operations may take.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// Connecting, waiting for a free connection, and statements on a suspect one.
    pub database: Duration,
    /// Other statements; `None` for no limit.
    pub statement: Option<Duration>,
}

/// Opens connections, and decides whether one can be lent again.
#[derive(Debug)]
pub struct Opener<D: Driver> {
    pub(super) options: D::Options,
    pub(super) condition: Condition,
    pub(super) deadline: Duration,
}

/// An open connection of a pool.
#[derive(Debug)]
pub struct PooledConnection<D: Driver> {
    pub(super) connection: D::Connection,
    /// The count of suspicions when it was opened. A newer one makes it suspect.
    pub(super) suspicion: u64,
}

impl<D: Driver> managed::Manager for Opener<D> {
    type Type = PooledConnection<D>;
    type Error = DbErr;

    async fn create(&self) -> Result<PooledConnection<D>, DbErr> {
        let suspicion = self.condition.suspicion();
        // Boxed, or every future that waits for a connection would contain the state needed to open one.
        let opening = Box::pin(D::open(&self.options));
        let connection = timeout(self.deadline, opening).await;
        let connection = connection
            .map_err(|_| silent(self.deadline))?
            .map_err(connection_error)?;
        Ok(PooledConnection {
            connection,
            suspicion,
        })
    }

    async fn recycle(
        &self,
        pooled: &mut PooledConnection<D>,
        metrics: &Metrics,
    ) -> RecycleResult<DbErr> {
        if pooled.suspicion != self.condition.suspicion() {
            return Err(RecycleError::message("it is suspect"));
        }
        if !D::IS_REMOTE || metrics.last_used() < FRESH {
            return Ok(());
        }
        if let Ok(Ok(())) = timeout(self.deadline, D::ping(&mut pooled.connection)).await {
            return Ok(());
        }
        self.condition.suspect(pooled.suspicion);
        Err(RecycleError::message("it does not answer"))
    }
}
