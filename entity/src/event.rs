//! The event log: what happened to boards and paths, in the order of the row ids.

use chrono::SubsecRound as _;
use sea_orm::{DbBackend, entity::prelude::*, sea_query::Query};
use serde::Serialize;

use crate::user;

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
    /// When the event was appended: by PostgreSQL's clock, on SQLite by the writer's. Orders nothing;
    /// retention goes by it, with caution.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// Types that the stream itself uses. The table refuses them.
pub const RESERVED_TYPES: [&str; 3] = ["cursor", "reset", "bye"];

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
    /// A user has solved a board.
    BoardSolved,
}

impl EventType {
    /// Every kind, in the order in which they are documented.
    pub const ALL: [Self; 5] = [
        Self::NewBoard,
        Self::NewPath,
        Self::BoardUpdated,
        Self::BoardDeleted,
        Self::BoardSolved,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewBoard => "newBoard",
            Self::NewPath => "newPath",
            Self::BoardUpdated => "boardUpdated",
            Self::BoardDeleted => "boardDeleted",
            Self::BoardSolved => "boardSolved",
        }
    }
}

/// What an event says. The field names are the keys of `data` on the wire, in this order; behind them
/// comes the name of the user who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[allow(missing_docs, reason = "the fields are named by the wire format")]
pub enum Announcement {
    /// See [`EventType::NewBoard`].
    NewBoard { board_id: i64, board_name: String },
    /// See [`EventType::NewPath`].
    NewPath {
        path_id: i64,
        board_id: i64,
        board_name: String,
    },
    /// See [`EventType::BoardUpdated`].
    BoardUpdated { board_id: i64, board_name: String },
    /// See [`EventType::BoardDeleted`].
    BoardDeleted { board_id: i64, board_name: String },
    /// See [`EventType::BoardSolved`].
    BoardSolved { board_id: i64, board_name: String },
}

impl Announcement {
    fn event_type(&self) -> EventType {
        match self {
            Self::NewBoard { .. } => EventType::NewBoard,
            Self::NewPath { .. } => EventType::NewPath,
            Self::BoardUpdated { .. } => EventType::BoardUpdated,
            Self::BoardDeleted { .. } => EventType::BoardDeleted,
            Self::BoardSolved { .. } => EventType::BoardSolved,
        }
    }

    /// The key for the user's name.
    fn name_key(&self) -> &'static str {
        match self {
            Self::NewBoard { .. } => "creator_username",
            _ => "user_username",
        }
    }
}

/// Appends one event on the caller's connection, so that the caller's transaction decides over it. `by` is
/// the user who did it. Their name is looked up by the same statement: another one would be another way
/// to the database and back, while other writers wait.
pub(crate) async fn append<C: ConnectionTrait>(
    db: &C,
    board_id: i64,
    announcement: Announcement,
    by: i64,
) -> Result<(), DbErr> {
    let payload =
        serde_json::to_value(&announcement).map_err(|error| DbErr::Json(error.to_string()))?;
    let payload = Expr::val(payload);
    let key = announcement.name_key();
    let name = Expr::col(user::Column::Username);
    let payload = match db.get_database_backend() {
        DbBackend::Postgres => Expr::cust_with_exprs(
            "$1 || jsonb_build_object($2, $3)",
            [payload, Expr::val(key), name],
        ),
        _ => Expr::cust_with_exprs(
            "json_insert(?, ?, ?)",
            [payload, Expr::val(format!("$.{key}")), name],
        ),
    };
    let mut named = Query::select();
    named
        .expr(payload)
        .from(user::Entity)
        .and_where(user::Column::Id.eq(by));
    let mut columns = vec![Column::Uuid, Column::Type, Column::BoardId, Column::Payload];
    let mut values = vec![
        // In the order of time, so that the index grows at its end: each commit writes a page of it, and not as
        // many as it has events.
        Expr::val(Uuid::now_v7()),
        Expr::val(announcement.event_type().as_str()),
        Expr::val(board_id),
        // Without such a user there is no payload, which the table refuses. As values and not as a `SELECT`:
        // for that SQLite makes a temporary table when there is a trigger.
        Expr::SubQuery(None, Box::new(named.into())),
    ];
    // PostgreSQL's own clock sets the time, so that one clock dates the whole log. SQLite's would be ours.
    if db.get_database_backend() == DbBackend::Sqlite {
        columns.push(Column::CreatedAt);
        values.push(Expr::val(chrono::Utc::now().trunc_subsecs(6)));
    }
    let mut insert = Query::insert();
    insert
        .into_table(Entity)
        .columns(columns)
        .values(values)
        .map_err(|error| DbErr::Custom(error.to_string()))?;
    db.execute(&insert).await?;
    Ok(())
}
