//! The content of events: what happened to boards, paths and users.

use dotcast_log::append::NewEvent;
use sea_orm::{
    DbBackend,
    entity::prelude::*,
    sea_query::{ExprTrait as _, Query},
};
use serde::Serialize;
use serde_json::json;

use crate::user;

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
    /// A user's name was replaced by a pseudonym, in the log as well.
    UserErased,
}

/// The table of boards, whose entity appends events and so cannot be named here.
const BOARDS: &str = "boards";

/// The topic of events that are about no board.
pub const NO_BOARD: i64 = 0;

/// The keys under which events name the user who did it.
pub const NAME_KEYS: [&str; 2] = ["creator_username", "user_username"];

impl EventType {
    /// Every kind, in the order in which they are documented.
    pub const ALL: [Self; 6] = [
        Self::NewBoard,
        Self::NewPath,
        Self::BoardUpdated,
        Self::BoardDeleted,
        Self::BoardSolved,
        Self::UserErased,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewBoard => "newBoard",
            Self::NewPath => "newPath",
            Self::BoardUpdated => "boardUpdated",
            Self::BoardDeleted => "boardDeleted",
            Self::BoardSolved => "boardSolved",
            Self::UserErased => "userErased",
        }
    }
}

/// The content of an event. The field names are the keys of `data` on the wire, in this order, followed by the board's
/// name if it is not among them, and the name of the user who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[allow(missing_docs, reason = "the fields are named by the wire format")]
pub enum Announcement {
    /// See [`EventType::NewBoard`].
    NewBoard { board_id: i64, board_name: String },
    /// See [`EventType::NewPath`].
    NewPath { path_id: i64, board_id: i64 },
    /// See [`EventType::BoardUpdated`].
    BoardUpdated { board_id: i64, board_name: String },
    /// See [`EventType::BoardDeleted`].
    BoardDeleted { board_id: i64, board_name: String },
    /// See [`EventType::BoardSolved`].
    BoardSolved { board_id: i64 },
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
            Self::NewBoard { .. } => NAME_KEYS[0],
            _ => NAME_KEYS[1],
        }
    }

    /// Whether the board's name has yet to be looked up.
    fn lacks_board_name(&self) -> bool {
        matches!(self, Self::NewPath { .. } | Self::BoardSolved { .. })
    }
}

/// Appends an event on the caller's connection, in the caller's transaction. `by` is the user who did it. The same
/// statement looks up their name, and the board's: another statement would be another round trip, while other writers
/// wait.
pub(crate) async fn append<C: ConnectionTrait>(
    db: &C,
    board_id: i64,
    announcement: Announcement,
    by: i64,
) -> Result<(), DbErr> {
    let payload =
        serde_json::to_value(&announcement).map_err(|error| DbErr::Json(error.to_string()))?;
    let mut source = Query::select();
    source.from(user::Entity).and_where(user::Column::Id.eq(by));
    let mut names = Vec::new();
    if announcement.lacks_board_name() {
        source
            .from(BOARDS)
            .and_where(Expr::col((BOARDS, "id")).eq(board_id));
        let name = Expr::col((BOARDS, "name"));
        names.push(("board_name", name));
    }
    let name = Expr::col((user::Entity, user::Column::Username));
    names.push((announcement.name_key(), name));
    let is_postgres = db.get_database_backend() == DbBackend::Postgres;
    let mut parts = vec![Expr::val(payload)];
    for (key, name) in names {
        let key = if is_postgres {
            key.to_owned()
        } else {
            format!("$.{key}")
        };
        parts.extend([Expr::val(key), name]);
    }
    source.expr(match (is_postgres, parts.len()) {
        (true, 3) => Expr::cust_with_exprs("$1 || jsonb_build_object($2, $3)", parts),
        (true, _) => Expr::cust_with_exprs("$1 || jsonb_build_object($2, $3, $4, $5)", parts),
        (false, 3) => Expr::cust_with_exprs("json_insert(?, ?, ?)", parts),
        (false, _) => Expr::cust_with_exprs("json_insert(?, ?, ?, ?, ?)", parts),
    });
    // A subquery and not a `SELECT` of the row, for which SQLite creates a temporary table if there is a trigger.
    // Without such a user or board there is no payload, which the table refuses.
    let payload = Expr::SubQuery(None, Box::new(source.into()));
    let kind = announcement.event_type().as_str();
    dotcast_log::append::append(db, NewEvent::with_expression(kind, board_id, payload)).await
}

/// Appends, in the caller's transaction, that the user `user_id` is called `pseudonym` from now on, also in these
/// earlier `events`.
pub async fn user_erased<C: ConnectionTrait>(
    db: &C,
    user_id: i64,
    pseudonym: &str,
    events: &[i64],
) -> Result<(), DbErr> {
    let payload = json!({ "user_id": user_id, "pseudonym": pseudonym, "event_ids": events });
    let event = NewEvent::new(EventType::UserErased.as_str(), NO_BOARD, &payload)?;
    dotcast_log::append::append(db, event).await
}
