//! The event log: what happened to boards and paths, in the order of the row ids.

use chrono::SubsecRound as _;
use sea_orm::{ActiveValue::Set, entity::prelude::*};
use serde::Serialize;

/// A row of `events`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// Primary key, the SSE `id:`, and a client's cursor. Given by the database, never used twice.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The event's name for other systems: the same wherever the event is copied to.
    pub uuid: Uuid,
    /// The SSE `event:` field. Mostly an [`EventType`]; other programs may append types of their own.
    #[sea_orm(column_name = "type")]
    pub r#type: String,
    /// The board that the event is about. No foreign key: the event outlives the board.
    pub board_id: i64,
    /// The SSE `data:` field, a JSON object.
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
    /// When the event was appended, by the writer's clock. Orders nothing; retention goes by it.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// The kinds of event that dotcast itself appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventType {
    /// A board was defined.
    NewBoard,
    /// A path was saved on a board.
    NewPath,
    /// A board was changed.
    BoardUpdated,
    /// A board was deleted, with all the paths on it.
    BoardDeleted,
}

impl EventType {
    /// Every kind, in the order in which they are documented.
    pub const ALL: [Self; 4] = [
        Self::NewBoard,
        Self::NewPath,
        Self::BoardUpdated,
        Self::BoardDeleted,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewBoard => "newBoard",
            Self::NewPath => "newPath",
            Self::BoardUpdated => "boardUpdated",
            Self::BoardDeleted => "boardDeleted",
        }
    }
}

/// What an event says. The field names are the keys of `data` on the wire, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[allow(missing_docs, reason = "the fields are named by the wire format")]
pub enum Announcement {
    /// See [`EventType::NewBoard`].
    NewBoard {
        board_id: i64,
        board_name: String,
        creator_username: String,
    },
    /// See [`EventType::NewPath`].
    NewPath {
        path_id: i64,
        board_id: i64,
        board_name: String,
        user_username: String,
    },
    /// See [`EventType::BoardUpdated`].
    BoardUpdated {
        board_id: i64,
        board_name: String,
        user_username: String,
    },
    /// See [`EventType::BoardDeleted`].
    BoardDeleted {
        board_id: i64,
        board_name: String,
        user_username: String,
    },
}

impl Announcement {
    fn event_type(&self) -> EventType {
        match self {
            Self::NewBoard { .. } => EventType::NewBoard,
            Self::NewPath { .. } => EventType::NewPath,
            Self::BoardUpdated { .. } => EventType::BoardUpdated,
            Self::BoardDeleted { .. } => EventType::BoardDeleted,
        }
    }
}

/// Appends one event on the caller's connection, so that the caller's transaction decides over it.
pub(crate) async fn append<C: ConnectionTrait>(
    db: &C,
    board_id: i64,
    announcement: Announcement,
) -> Result<Model, DbErr> {
    let payload =
        serde_json::to_value(&announcement).map_err(|error| DbErr::Json(error.to_string()))?;
    ActiveModel {
        uuid: Set(Uuid::new_v4()),
        r#type: Set(announcement.event_type().as_str().to_owned()),
        board_id: Set(board_id),
        payload: Set(payload),
        created_at: Set(chrono::Utc::now().trunc_subsecs(6)),
        ..Default::default()
    }
    .insert(db)
    .await
}
