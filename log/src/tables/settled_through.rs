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
    /// No event that does not exist now will ever appear with an id at or below this one; the table refuses it. On
    /// PostgreSQL servers advance it, so that a start need not find it out.
    pub event_id: i64,
}

impl ActiveModelBehavior for ActiveModel {}
