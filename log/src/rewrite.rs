//! Rewrites the payloads of kept events, where something in them must not be kept.
//!
//! Ids, kinds, topics and times stay, so each cursor means what it meant. It takes two steps. The bulk of the log is
//! rewritten in short [batches](settled), while others write. What is left is rewritten in [one transaction](rest) that
//! keeps writers away, together with whatever makes sure that no more of the kind is appended. That transaction also
//! [records](record) the rewriting. Each process that follows the log sees the record at its next look, and drops the
//! events that it has in memory; from then on it reads them anew.
//!
//! Readers that were handed an event earlier have it as it was. Tell them, for example by appending an event of its own
//! in the last transaction: whoever follows it finds the log rewritten up to there.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Json,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::{EventId, event, read::Log, schema, store::Store, tables::rewrite};

/// Events that one query reads, and one transaction changes at most: few, so that writers wait only milliseconds.
const BATCH: u64 = 1000;

/// What is to happen to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays, and has nothing to do with the matter.
    Other,
    /// It stays, because it is already as it should be.
    Done,
    /// Its payload has been changed.
    Changed,
}

/// Judges a payload, and changes it in place.
pub type Rewrite<'a> = &'a (dyn Fn(&mut Json) -> Verdict + Sync);

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// The events that are now as they should be, in order, including those that already were.
    pub events: Vec<EventId>,
    /// Everything up to here was judged.
    pub through: EventId,
}

/// Rewrites the events that are settled now, in short transactions. If it is interrupted, the next call goes on.
///
/// # Errors
/// Also if a payload cannot be read.
pub async fn settled(store: &dyn Store, rewrite: Rewrite<'_>) -> Result<Rewritten, DbErr> {
    let reader = store.reader();
    let settled = Log::new(reader.clone()).begin().await?.settled;
    let mut found = Rewritten::default();
    while found.through < settled {
        let page = Page::read(&reader, found.through, settled, rewrite).await?;
        if !page.to_change.is_empty() {
            let txn = store.begin().await?;
            change(&txn.connection(), &page.to_change, rewrite).await?;
            txn.commit().await?;
        }
        found.add(page, settled);
    }
    Ok(found)
}

/// Rewrites all events above `after` in the caller's transaction, and keeps writers away until that has ended. On
/// PostgreSQL it waits for open ones, for a few seconds at most. Rows that writers lock before they append must be
/// locked before the call.
///
/// # Errors
/// Also if writers keep the log busy, or if a payload cannot be read.
pub async fn rest(
    conn: &impl ConnectionTrait,
    after: EventId,
    rewrite: Rewrite<'_>,
) -> Result<Rewritten, DbErr> {
    schema::hold_writers(conn).await?;
    let mut found = Rewritten {
        through: after,
        ..Rewritten::default()
    };
    loop {
        let page = Page::read(conn, found.through, EventId::MAX, rewrite).await?;
        change(conn, &page.to_change, rewrite).await?;
        if !page.is_full {
            let through = page.last.unwrap_or(found.through);
            found.add(page, through);
            return Ok(found);
        }
        found.add(page, EventId::MAX);
    }
}

/// Records in the caller's transaction that kept events were rewritten.
pub async fn record(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut insert = Query::insert();
    insert.into_table(rewrite::Entity).or_default_values();
    conn.execute(&insert).await?;
    Ok(())
}

/// Events that were read together, and judged.
struct Page {
    last: Option<EventId>,
    is_full: bool,
    concerned: Vec<EventId>,
    to_change: Vec<EventId>,
}

impl Page {
    async fn read(
        conn: &impl ConnectionTrait,
        after: EventId,
        through: EventId,
        rewrite: Rewrite<'_>,
    ) -> Result<Self, DbErr> {
        let events: Vec<(EventId, Json)> = event::Entity::find()
            .select_only()
            .columns([event::Column::Id, event::Column::Payload])
            .filter(event::Column::Id.gt(after))
            .filter(event::Column::Id.lte(through))
            .order_by_asc(event::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(conn)
            .await?;
        let mut page = Self {
            last: events.last().map(|(id, _)| *id),
            is_full: events.len() as u64 == BATCH,
            concerned: Vec::new(),
            to_change: Vec::new(),
        };
        for (id, mut payload) in events {
            let verdict = rewrite(&mut payload);
            if verdict != Verdict::Other {
                page.concerned.push(id);
            }
            if verdict == Verdict::Changed {
                page.to_change.push(id);
            }
        }
        Ok(page)
    }
}

impl Rewritten {
    /// Adds a page, which reaches `end` unless it is full.
    fn add(&mut self, page: Page, end: EventId) {
        self.events.extend(page.concerned);
        self.through = match page.last {
            Some(last) if page.is_full => last,
            _ => end,
        };
    }
}

/// Changes these events, as they are now.
async fn change(
    conn: &impl ConnectionTrait,
    ids: &[EventId],
    rewrite: Rewrite<'_>,
) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    // Locked, because somebody else may be rewriting them, too.
    let events = event::Entity::find()
        .filter(event::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(event::Column::Id)
        .lock_exclusive()
        .all(conn)
        .await?;
    for mut event in events {
        if rewrite(&mut event.payload) == Verdict::Changed {
            let mut update = Query::update();
            update
                .table(event::Entity)
                .value(event::Column::Payload, event.payload)
                .and_where(Expr::col(event::Column::Id).eq(event.id));
            conn.execute(&update).await?;
        }
    }
    Ok(())
}
