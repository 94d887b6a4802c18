//! Up to where no event can appear any more.

use sea_orm::entity::prelude::*;

/// The one row of `settled_through`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "settled_through")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// No event with an id at or below this one will ever appear that is not there now; the table
    /// refuses it. On PostgreSQL servers move it on, so that a start need not find it out.
    pub event_id: i64,
}

impl ActiveModelBehavior for ActiveModel {}
