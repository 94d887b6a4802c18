//! Events: as rows of the log, and as this process hands them out.

use bytes::Bytes;
use sea_orm::entity::prelude::*;

use crate::EventId;

/// A row of `events`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// Primary key, the SSE `id:`, and a client's cursor. The database assigns it, and never twice.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The event's name for other systems. It stays the same wherever the event is copied to.
    pub uuid: Uuid,
    /// The kind of event and the SSE `event:` field: one word of at most 64 ASCII letters, digits and underscores,
    /// and none of the [reserved](RESERVED_KINDS) ones.
    #[sea_orm(column_name = "type")]
    pub kind: String,
    /// What the event is about, for filters. No foreign key: the event outlives its subject.
    pub topic: i64,
    /// The SSE `data:` field, a JSON object.
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
    /// When the event was appended, by PostgreSQL's clock or, on SQLite, by the writer's. It orders nothing;
    /// retention goes by it, with caution.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// As much of a row as a stream is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As in the [row](Model).
    pub id: EventId,
    /// As in the row.
    pub kind: String,
    /// As in the row.
    pub topic: i64,
    /// As text: a JSON object, perhaps with white space between its tokens.
    pub payload: String,
}

/// An event as this process hands it out, in memory that all streams share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id, and the cursor for what comes after it.
    pub id: EventId,
    /// The kind of event.
    pub kind: Box<str>,
    /// The topic that it is about.
    pub topic: i64,
    /// Its payload, a JSON object.
    pub payload: Bytes,
}

/// Kinds that the stream itself uses. The table refuses them.
pub const RESERVED_KINDS: [&str; 3] = ["cursor", "reset", "bye"];
