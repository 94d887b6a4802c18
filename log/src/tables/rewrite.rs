//! That kept events were changed.

use sea_orm::entity::prelude::*;

/// A row of `rewrites`: payloads of kept events were changed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rewrites")]
pub struct Model {
    /// Primary key. It grows, so the newest one tells whether what a process has in memory is what the log says.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// When it was recorded, by the clock of the recording program.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
