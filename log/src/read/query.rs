//! The query for a part of the log, and its result.
//!
//! What matches a filter is found in an index that begins with the filter's column and goes on in the order of the ids,
//! so a query costs what it returns, however rare that is. Several values are looked for one by one. Only where topics and
//! kinds are wanted at once, no index knows both: then the topics' newest or oldest events are looked at, [`SCAN`] at most.

use sea_orm::{
    DbBackend, DbErr, FromQueryResult, Iterable, Order, QueryResult,
    sea_query::{
        Alias, Condition, Expr, ExprTrait, Func, JoinType, Query, SelectStatement, SimpleExpr,
        UnionType, Value,
    },
};

use crate::{
    EventId,
    event::{self, Column, Entity},
    filter::Filter,
    tables::trimmed_through,
};

/// Upper bound on the events of some topics that one query looks at for those of some kinds. Each may be a page read
/// from the disk, and an empty answer must not be a slow one.
const SCAN: u64 = 5_000;

/// The query's alias for the events that it selects.
const PART: &str = "part";
/// The query's alias for how far the log has been deleted.
pub(super) const TRIMMED_THROUGH: &str = "trimmed_through";
/// The query's alias for the id at which it had to stop looking.
pub(super) const REACHED: &str = "reached";

/// What is read of an event.
pub(super) trait Selected: Sized {
    /// Adds the columns.
    fn select(events: &mut SelectStatement);
    /// Their names.
    fn names() -> impl Iterator<Item = &'static str>;
    /// Reads them.
    fn read(row: &QueryResult) -> Result<Self, DbErr>;
    /// Its id.
    fn id(&self) -> EventId;
}

impl Selected for event::Model {
    fn select(events: &mut SelectStatement) {
        events.columns(Column::iter());
    }

    fn names() -> impl Iterator<Item = &'static str> {
        ["id", "uuid", "type", "topic", "payload", "created_at"].into_iter()
    }

    fn read(row: &QueryResult) -> Result<Self, DbErr> {
        Self::from_query_result(row, "")
    }

    fn id(&self) -> EventId {
        self.id
    }
}

impl Selected for event::Entry {
    fn select(events: &mut SelectStatement) {
        let payload = Expr::col(Column::Payload).cast_as("text");
        events
            .columns([Column::Id, Column::Kind, Column::Topic])
            .expr_as(payload, Column::Payload);
    }

    fn names() -> impl Iterator<Item = &'static str> {
        ["id", "type", "topic", "payload"].into_iter()
    }

    fn read(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            kind: row.try_get("", "type")?,
            topic: row.try_get("", "topic")?,
            payload: row.try_get("", "payload")?,
        })
    }

    fn id(&self) -> EventId {
        self.id
    }
}

/// A part of the log.
pub(super) struct Part<'a> {
    pub(super) backend: DbBackend,
    /// Every event has a higher id.
    pub(super) after: EventId,
    /// Every event has at most this id.
    pub(super) through: EventId,
    /// Of the ids.
    pub(super) order: Order,
    pub(super) filter: &'a Filter,
    /// Upper bound on the events.
    pub(super) limit: u64,
}

/// The lower bound, excluded, and the upper bound of ids.
#[derive(Clone)]
struct Bounds {
    after: SimpleExpr,
    through: SimpleExpr,
}

impl Part<'_> {
    /// Selects it, and how far the log has been deleted.
    ///
    /// It is one statement, so that rows and trim mark belong to one snapshot. A trim between two statements would
    /// delete events without anybody noticing. The left join yields a row with the mark even if there is no event. The
    /// limit is inside the join, where an index gives the order; outside, each page would sort all events past the
    /// cursor.
    pub(super) fn query<T: Selected>(&self) -> SelectStatement {
        let mut events = Query::select();
        T::select(&mut events);
        events.from(Entity);
        let mut query = Query::select();
        query.expr_as(
            Expr::col((trimmed_through::Entity, trimmed_through::Column::EventId)),
            Alias::new(TRIMMED_THROUGH),
        );
        if self.filter.is_all() {
            let Bounds { after, through } = self.bounds();
            events
                .and_where(id().gt(after))
                .and_where(id().lte(through))
                .limit(self.limit);
        } else {
            let (ids, reached) = self.matching();
            events.and_where(id().in_subquery(ids));
            if let Some(reached) = reached {
                query.expr_as(reached, Alias::new(REACHED));
            }
        }
        events.order_by(Column::Id, self.order.clone());
        query
            .columns(T::names().map(|name| (PART, Alias::new(name))))
            .from(trimmed_through::Entity)
            .join_subquery(JoinType::LeftJoin, events, PART, Condition::all())
            .order_by((PART, Column::Id), self.order.clone());
        query
    }

    /// Whether it may have to stop before its end.
    pub(super) fn is_cut(&self) -> bool {
        self.filter.topics().is_some_and(|it| !it.is_empty()) && self.filter.kinds().is_some()
    }

    /// On PostgreSQL, what was deleted stays in the indexes for a while, so reading begins at the trim mark.
    fn bounds(&self) -> Bounds {
        let mark = || Expr::col(trimmed_through::Column::EventId);
        let mut after = Query::select();
        after
            .expr(Expr::case(mark().gt(self.after), mark()).finally(self.after))
            .from(trimmed_through::Entity);
        Bounds {
            after: sub_query(after),
            through: Expr::val(self.through),
        }
    }

    /// Selects the ids of what matches the filter, and where the search has to stop, if before the end. There may be
    /// ids beyond that.
    fn matching(&self) -> (SelectStatement, Option<SimpleExpr>) {
        let bounds = self.bounds();
        let kinds = self.filter.kinds();
        let Some(topics) = self.filter.topics() else {
            let kinds = kinds.unwrap_or_default().iter();
            let of_each = kinds.map(|it| self.of(Column::Kind, (**it).into(), bounds.clone()));
            return (self.first_of(of_each), None);
        };
        let Some(kinds) = kinds else {
            let topics = topics.iter();
            let of_each = topics.map(|&it| self.of(Column::Topic, it.into(), bounds.clone()));
            return (self.first_of(of_each), None);
        };
        let (mut of_each, mut reached) = (Vec::new(), Vec::new());
        let scan = SCAN
            .checked_div(topics.len() as u64)
            .map_or(SCAN, |it| Ord::max(it, 1));
        for &topic in topics {
            let (bounds, end) = self.cut(topic, bounds.clone(), scan);
            let mut ids = self.of(Column::Topic, topic.into(), bounds);
            // An expression, lest SQLite takes the index of the kinds.
            let kind = Expr::cust(r#""type" || ''"#);
            ids.and_where(kind.is_in(kinds.iter().map(|it| &**it)));
            of_each.push(ids);
            reached.push(end);
        }
        (self.first_of(of_each), self.nearest(reached))
    }

    /// The end of a search that is over first.
    fn nearest(&self, mut ends: Vec<SimpleExpr>) -> Option<SimpleExpr> {
        if ends.len() <= 1 {
            return ends.pop();
        }
        let function = match (self.order == Order::Desc, self.backend) {
            (false, DbBackend::Postgres) => "LEAST",
            (true, DbBackend::Postgres) => "GREATEST",
            (false, _) => "MIN",
            (true, _) => "MAX",
        };
        Some(Func::cust(Alias::new(function)).args(ends).into())
    }

    /// Selects the ids of the first events with this value in a column, by the index that begins with it.
    fn of(&self, column: Column, value: Value, bounds: Bounds) -> SelectStatement {
        let mut ids = Query::select();
        ids.column(Column::Id).from(Entity);
        let Bounds { after, through } = bounds;
        if self.backend == DbBackend::Postgres {
            // Pairs, because nothing but this index has their order. Otherwise PostgreSQL would walk along the ids if
            // it thinks that the value is frequent, and it may be so only elsewhere in the log.
            let pair = |id| Expr::tuple([Expr::val(value.clone()), id]);
            let own = || Expr::tuple([Expr::col(column), id()]);
            ids.and_where(own().gt(pair(after)))
                .and_where(own().lte(pair(through)));
        } else {
            // Said to be rare, or SQLite would do so after `ANALYZE`. It means the same otherwise.
            let rare = [
                Expr::col(column).eq(Expr::val(value)),
                Expr::cust("0.000001"),
            ];
            ids.and_where(Func::cust("likelihood").args(rare).into())
                .and_where(id().gt(after))
                .and_where(id().lte(through));
        }
        ids.order_by(column, self.order.clone())
            .order_by(Column::Id, self.order.clone())
            .limit(self.limit);
        ids
    }

    /// Selects the first ids of all that these select.
    fn first_of(&self, of_each: impl IntoIterator<Item = SelectStatement>) -> SelectStatement {
        let mut of_each = of_each.into_iter();
        let Some(mut all) = of_each.next() else {
            let mut none = Query::select();
            none.column(Column::Id)
                .from(Entity)
                .and_where(Expr::cust("1 = 0"));
            return none;
        };
        let mut others = of_each.map(separate).peekable();
        if others.peek().is_none() {
            return all;
        }
        all = separate(all);
        for ids in others {
            all.union(UnionType::All, ids);
        }
        let mut ids = Query::select();
        ids.column(Column::Id)
            .from_subquery(all, "of_all")
            .order_by(Column::Id, self.order.clone())
            .limit(self.limit);
        ids
    }

    /// Bounds with at most `scan` events about a topic in them, and the one that has moved.
    fn cut(&self, topic: i64, bounds: Bounds, scan: u64) -> (Bounds, SimpleExpr) {
        let mut last = self.of(Column::Topic, topic.into(), bounds.clone());
        last.limit(1).offset(scan - 1);
        let last = sub_query(last);
        if self.order == Order::Desc {
            let after = last.sub(1).if_null(bounds.after);
            let moved = Bounds {
                after: after.clone(),
                ..bounds
            };
            return (moved, after);
        }
        let through = last.if_null(bounds.through);
        let moved = Bounds {
            through: through.clone(),
            ..bounds
        };
        (moved, through)
    }
}

/// A query that may be a part of a union. SQLite takes no order and no limit inside one otherwise.
fn separate(ids: SelectStatement) -> SelectStatement {
    let mut separate = Query::select();
    separate.column(Column::Id).from_subquery(ids, "of_one");
    separate
}

fn id() -> Expr {
    Expr::col(Column::Id)
}

/// The events among the rows that [`Part::query`] selects.
pub(super) fn events<T: Selected>(rows: &[QueryResult]) -> Result<Vec<T>, DbErr> {
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        // A row that cannot be read must stop the page: the cursor would move past it for good.
        if row.try_get::<Option<EventId>>("", "id")?.is_some() {
            events.push(T::read(row)?);
        }
    }
    Ok(events)
}

/// A query as a value in another one.
pub(super) fn sub_query(mut query: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(query.take().into()))
}
