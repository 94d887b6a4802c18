//! Where the event log lost something.

use sea_orm::entity::prelude::*;

/// A row of `breaks`: ids that were given out, and whose events a restore or a failover took away.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "breaks")]
pub struct Model {
    /// Primary key. It grows, so the newest one tells whether all breaks are known.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The first id that may be gone. A cursor at or above it may stand for an event that no longer exists.
    pub first_id: i64,
    /// The last id that may be gone. The counter was raised above it.
    pub last_id: i64,
    /// When it was recorded, by the clock of the recording program.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
