//! The write half: appends an event in the caller's transaction.

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
    /// An event of this kind about `topic`. `payload` must serialize to a JSON object. Its keys keep their order on
    /// SQLite, and take that of `jsonb` on PostgreSQL.
    ///
    /// # Errors
    /// If the payload cannot be serialized.
    pub fn new(kind: &str, topic: i64, payload: &impl Serialize) -> Result<Self, DbErr> {
        let payload =
            serde_json::to_value(payload).map_err(|error| DbErr::Json(error.to_string()))?;
        Ok(Self::with_expression(kind, topic, Expr::val(payload)))
    }

    /// Like [`new`](Self::new), with a payload that the database builds in the statement that appends the event. A
    /// separate statement would be another round trip, while other writers wait.
    pub fn with_expression(kind: &str, topic: i64, payload: Expr) -> Self {
        Self {
            kind: kind.to_owned(),
            topic,
            payload,
        }
    }
}

/// Appends an event on the caller's connection, in the caller's transaction.
///
/// # Errors
/// If the table refuses the event, as it would from any program: its kind is reserved or not one plain word, or its
/// payload is not a JSON object.
pub async fn append<C: ConnectionTrait>(db: &C, event: NewEvent) -> Result<(), DbErr> {
    let mut columns = vec![Column::Uuid, Column::Kind, Column::Topic, Column::Payload];
    let mut values = vec![
        // Time-ordered, so that the index grows at its end: a commit then writes one page of it, and not one per
        // event.
        Expr::val(Uuid::now_v7()),
        Expr::val(event.kind),
        Expr::val(event.topic),
        event.payload,
    ];
    // PostgreSQL's own clock sets the time, so one clock dates the whole log. On SQLite the clock is ours anyway.
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
