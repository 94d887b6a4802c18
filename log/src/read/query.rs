//! The query for a part of the log, and its result.

use sea_orm::{
    ColumnTrait, DbErr, FromQueryResult, Iterable, Order, QueryResult,
    sea_query::{Alias, Condition, Expr, ExprTrait, JoinType, Query, SelectStatement},
};

use crate::{EventId, event, filter::Filter, tables::trimmed_through};

/// The query's alias for the events that it selects.
const PART: &str = "part";
/// The query's alias for how far the log has been deleted.
pub(super) const TRIMMED_THROUGH: &str = "trimmed_through";

/// Selects a part of the log in ascending or descending order of the ids, and how far the log has been deleted.
///
/// It is one statement, so that rows and trim mark belong to one snapshot. A trim between two statements would delete
/// events without anybody noticing. The left join yields a row with the mark even if there is no event. The limit is
/// inside the join, where the primary key gives the order; outside, each page would sort all events past the cursor.
pub(super) fn part(
    after: EventId,
    through: EventId,
    order: Order,
    filter: &Filter,
    limit: u64,
) -> SelectStatement {
    let id = || Expr::col(event::Column::Id);
    let mut events = Query::select();
    events
        .columns(event::Column::iter())
        .from(event::Entity)
        .and_where(id().gt(after))
        .and_where(id().lte(through))
        .and_where_option(filter.topic().map(|topic| event::Column::Topic.eq(topic)))
        .and_where_option(
            filter
                .kinds()
                .map(|kinds| event::Column::Kind.is_in(kinds.iter().map(|it| &**it))),
        )
        .order_by(event::Column::Id, order.clone())
        .limit(limit);
    let mut query = Query::select();
    query
        .expr_as(
            Expr::col((trimmed_through::Entity, trimmed_through::Column::EventId)),
            Alias::new(TRIMMED_THROUGH),
        )
        .columns(event::Column::iter().map(|column| (PART, column)))
        .from(trimmed_through::Entity)
        .join_subquery(JoinType::LeftJoin, events, PART, Condition::all())
        .order_by((PART, event::Column::Id), order);
    query
}

/// The events among the rows that [`part`] selects.
pub(super) fn events(rows: &[QueryResult]) -> Result<Vec<event::Model>, DbErr> {
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        // A row that cannot be read must stop the page: the cursor would move past it for good.
        if row.try_get::<Option<EventId>>("", "id")?.is_some() {
            events.push(event::Model::from_query_result(row, "")?);
        }
    }
    Ok(events)
}

/// A query as a value in another one.
pub(super) fn sub_query(mut query: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(query.take().into()))
}
