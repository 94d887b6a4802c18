//! Consumers with how far they are behind.
//!
//! That is worked out only for those who ask, all that they ask for in one query.

use dotcast_log::{EventId, event, tables::trimmed_through};
use entity::consumer;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select,
    prelude::DateTimeUtc,
    sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement},
};

use super::clock;
use crate::db;

/// A consumer.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Consumer {
    /// The row.
    #[sea_orm(nested)]
    pub row: consumer::Model,
    /// When the oldest event past its cursor that is kept was appended.
    oldest: Option<DateTimeUtc>,
    /// How many milliseconds of its lease are left.
    lease_left: Option<i64>,
    /// The position that it is compared with.
    settled: EventId,
}

impl Consumer {
    /// Upper bound on the events that it has not acknowledged: the ids up to the settled position, wanted or not, and
    /// given to an event or not. `None` if the log that is known here does not reach to its cursor.
    pub fn lag_events(&self) -> Option<i64> {
        let lag = self.settled - self.row.cursor;
        (lag >= 0).then_some(lag)
    }

    /// The age of the oldest event past its cursor, wanted or not, in seconds; `None` if there is none.
    pub fn lag_seconds(&self) -> Option<i64> {
        let age = db::now() - self.oldest?;
        Some(Ord::max(age.num_seconds(), 0))
    }

    /// When its lease ends, if it has one.
    pub fn lease_until(&self) -> Option<DateTimeUtc> {
        self.row
            .lease_until
            .filter(|_| self.lease_left.is_some_and(|left| left > 0))
    }
}

/// At most `limit` consumers of all users with ids above `after`, in their order.
///
/// # Errors
/// If the database cannot be queried.
pub async fn all<C: ConnectionTrait>(
    db: &C,
    settled: EventId,
    after: i64,
    limit: u64,
) -> Result<Vec<Consumer>, DbErr> {
    let all = consumer::Entity::find()
        .filter(consumer::Column::Id.gt(after))
        .order_by_asc(consumer::Column::Id)
        .limit(limit);
    of(db, all, settled).await
}

/// These consumers, compared with the position `settled`.
pub(super) async fn of<C: ConnectionTrait>(
    db: &C,
    consumers: Select<consumer::Entity>,
    settled: EventId,
) -> Result<Vec<Consumer>, DbErr> {
    let oldest = Expr::SubQuery(None, Box::new(oldest_past_cursor(settled).into()));
    consumers
        .column_as(oldest, "oldest")
        .column_as(clock::left(db.get_database_backend()), "lease_left")
        .column_as(Expr::val(settled), "settled")
        .into_model::<Consumer>()
        .all(db)
        .await
}

/// The time of the oldest kept event past the cursor of a consumer in the query around this one: one look into the index.
fn oldest_past_cursor(settled: EventId) -> SelectStatement {
    let id = || Expr::col((event::Entity, event::Column::Id));
    // On PostgreSQL, what was deleted stays in the index for a while.
    let mut trimmed = Query::select();
    trimmed
        .column(trimmed_through::Column::EventId)
        .from(trimmed_through::Entity);
    let trimmed = Expr::SubQuery(None, Box::new(trimmed.into()));
    let mut oldest = Query::select();
    oldest
        .column((event::Entity, event::Column::CreatedAt))
        .from(event::Entity)
        .and_where(id().gt(Expr::col((consumer::Entity, consumer::Column::Cursor))))
        .and_where(id().gt(trimmed))
        .and_where(id().lte(settled))
        .order_by((event::Entity, event::Column::Id), Order::Asc)
        .limit(1);
    oldest
}
