//! A cursor that the server keeps, by the name that a user has given it.

use sea_orm::{FromJsonQueryResult, entity::prelude::*};
use serde::{Deserialize, Serialize};

/// A row of `consumers`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consumers")]
pub struct Model {
    /// Primary key; never reused after the consumer is deleted.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Whose consumer it is.
    pub user_id: i64,
    /// The user.
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user: BelongsTo<super::user::Entity>,
    /// 1 to 64 of `A-Z a-z 0-9 _ -`, unique among those of the user.
    pub name: String,
    /// The types of events that it is handed, sorted, each once; `None` for all.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub types: Option<Types>,
    /// The boards that these are about, sorted, each once; `None` for all.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub board_ids: Option<BoardIds>,
    /// Everything that matches up to here is acknowledged.
    pub cursor: i64,
    /// Why an earlier cursor could not be honoured, until that is acknowledged.
    pub reset: Option<String>,
    /// The last id of the newest break of the log that its client knows of; 0 before the first break.
    pub known_break: i64,
    /// One more after each change. An update that depends on what was read before is conditional on it.
    pub revision: i64,
    /// The token of the newest lease.
    pub lease_id: Option<String>,
    /// When that lease ends, by the database's clock; `None` once it has ended in another way.
    pub lease_until: Option<DateTimeUtc>,
    /// The last event that was handed out under it; `None` for a batch without events.
    pub lease_last: Option<i64>,
    /// The highest id that may be acknowledged under it.
    pub lease_through: Option<i64>,
    /// When the consumer was made.
    pub created_at: DateTimeUtc,
}

/// Types of events, kept as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Types(pub Vec<String>);

/// Ids of boards, kept as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct BoardIds(pub Vec<i64>);

impl ActiveModelBehavior for ActiveModel {}
