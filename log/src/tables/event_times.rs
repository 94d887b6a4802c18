//! When events were appended, coarsely.

use sea_orm::entity::prelude::*;

/// A row of `event_times`: no event between the row before it and its id is newer than its time. Some may be missing, for
/// events of which nothing is recorded yet.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event_times")]
pub struct Model {
    /// Primary key: the last of the events. They were settled when it was written.
    #[sea_orm(primary_key, auto_increment = false)]
    pub through_id: i64,
    /// The newest of their `created_at`, in milliseconds since 1970, or more.
    pub newest_ms: i64,
}

impl ActiveModelBehavior for ActiveModel {}
