//! The event log's view of the database.

use std::path::PathBuf;

use async_trait::async_trait;
use dotcast_log::{
    connection::{Connection, Reader},
    store::{self, Store},
};
use sea_orm::DbErr;
use tokio::sync::watch;

use super::{Db, Transaction};

#[async_trait]
impl Store for Db {
    fn reader(&self) -> Reader {
        Connection::new(self.hurried_reader())
    }

    async fn begin(&self) -> Result<Box<dyn store::Transaction>, DbErr> {
        Ok(Box::new(self.transaction().await?))
    }

    fn commits(&self) -> watch::Receiver<u64> {
        Self::commits(self)
    }

    fn follower(&self) -> Reader {
        Connection::new(Self::follower(self))
    }

    fn refuse_writes(&self) {
        Self::refuse_writes(self);
    }

    async fn repair(&self) -> Result<Box<dyn store::Transaction>, DbErr> {
        Ok(Box::new(Self::repair(self).await?))
    }

    async fn refused(&self) {
        self.condition.refused().await;
    }

    async fn tidy(&self) -> Result<bool, DbErr> {
        Self::tidy(self).await
    }

    fn strange_file(&self) -> Option<PathBuf> {
        Self::strange_file(self).map(ToOwned::to_owned)
    }
}

#[async_trait]
impl store::Transaction for Transaction {
    fn connection(&self) -> Connection<'_> {
        Connection::lent(&self.connection)
    }

    async fn commit(self: Box<Self>) -> Result<(), DbErr> {
        Self::commit(*self).await
    }
}
