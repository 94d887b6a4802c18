//! How many users have solved a board.

use sea_orm::entity::prelude::*;

/// A row of `solved_counts`. A board has one from when it was first solved. Triggers maintain it, and no program writes
/// it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "solved_counts")]
pub struct Model {
    /// The board.
    #[sea_orm(primary_key, auto_increment = false)]
    pub board_id: i64,
    /// How many rows of `solutions` the board has.
    pub number: i64,
}

impl ActiveModelBehavior for ActiveModel {}
