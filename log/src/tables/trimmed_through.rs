//! How far retention has deleted the event log.

use sea_orm::entity::prelude::*;

/// The one row of `trimmed_through`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trimmed_through")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The newest event id that has been deleted; 0 if none has. Every event up to here is gone, every later one
    /// still exists. So "this cursor has expired" is a fact and not a guess from a gap between ids.
    pub event_id: i64,
}

impl ActiveModelBehavior for ActiveModel {}
