//! The write half: one event more, in the caller's transaction.

use chrono::{SubsecRound as _, Utc};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr,
    prelude::Uuid,
    sea_query::{Expr, Query},
};
use serde::Serialize;

use crate::event::{Column, Entity};

/// An event to append.
#[derive(Clone, Debug)]
pub struct NewEvent {
    kind: String,
    topic: i64,
    payload: Expr,
}

impl NewEvent {
    /// An event of this kind about `topic`. `payload` must serialize to a JSON object; its keys go out in their
    /// order on SQLite, in that of `jsonb` on PostgreSQL.
    ///
    /// # Errors
    /// It cannot be serialized.
    pub fn new(kind: &str, topic: i64, payload: &impl Serialize) -> Result<Self, DbErr> {
        let payload =
            serde_json::to_value(payload).map_err(|error| DbErr::Json(error.to_string()))?;
        Ok(Self::with_expression(kind, topic, Expr::val(payload)))
    }

    /// The same, with a payload that the database puts together in the statement that appends the event: a
    /// statement of its own would be another round trip, while other writers wait.
    pub fn with_expression(kind: &str, topic: i64, payload: Expr) -> Self {
        Self {
            kind: kind.to_owned(),
            topic,
            payload,
        }
    }
}

/// Appends an event on the caller's connection, whose transaction decides over it.
///
/// # Errors
/// The table refuses the event, whatever wrote it: its kind is reserved or is no plain word, or its payload is no
/// JSON object.
pub async fn append<C: ConnectionTrait>(db: &C, event: NewEvent) -> Result<(), DbErr> {
    let mut columns = vec![Column::Uuid, Column::Kind, Column::Topic, Column::Payload];
    let mut values = vec![
        // In the order of time, so that the index grows at its end: each commit writes a page of it, and not as
        // many as it has events.
        Expr::val(Uuid::now_v7()),
        Expr::val(event.kind),
        Expr::val(event.topic),
        event.payload,
    ];
    // PostgreSQL's own clock sets the time, so that one clock dates the whole log. SQLite's would be ours.
    if db.get_database_backend() == DbBackend::Sqlite {
        columns.push(Column::CreatedAt);
        values.push(Expr::val(Utc::now().trunc_subsecs(6)));
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
