//! Which events are too old, and how they are deleted.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, Order, QueryFilter, QueryOrder, QuerySelect, prelude::DateTimeUtc,
    sea_query::Query,
};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    clock::{RetentionClock, wall_clock},
    pace::Pace,
};
use crate::{
    EventId, event,
    store::Store,
    tables::{settled_through, trimmed_through},
};

/// How many events one query looks at.
const PAGE: u64 = 1000;
/// Pause after a batch if what it left beside the database's file cannot be moved into it.
const HELD_UP: Duration = Duration::from_secs(1);
/// How far the clocks of several machines may differ.
const TOLERANCE: TimeDelta = TimeDelta::minutes(1);
/// A clock that lags by more than this is logged.
const BEHIND: TimeDelta = TimeDelta::hours(1);

/// What is too old, and how to delete it.
pub(super) struct Trimming {
    store: Arc<dyn Store>,
    older_than: Duration,
    /// Checked between two queries: none is interrupted.
    stop: CancellationToken,
    /// Events dated in the future have been logged up to here.
    warned_through: EventId,
    started: Instant,
    /// The server's own clock; none until its starting time is known.
    clock: Option<RetentionClock>,
    /// Whether it has been logged that the clock is behind.
    is_behind: bool,
    pace: Pace,
}

impl Trimming {
    pub(super) fn new(
        store: Arc<dyn Store>,
        older_than: Duration,
        stop: CancellationToken,
    ) -> Self {
        Self {
            store,
            older_than,
            stop,
            warned_through: 0,
            started: Instant::now(),
            clock: None,
            is_behind: false,
            pace: Pace::default(),
        }
    }

    /// Trims by the server's own clock.
    pub(super) async fn look(&mut self, settled: EventId) -> Result<u64, DbErr> {
        let wall = wall_clock(&*self.store).await?;
        let passed = self.started.elapsed();
        let mut clock = match self.clock {
            Some(clock) => clock,
            None => match self.newest(wall, settled).await? {
                Newest::At(newest) => RetentionClock::start(newest, passed),
                Newest::None => RetentionClock::start(wall, passed),
                // The wall clock is behind, or all of the events' times are wrong. There is nothing to delete yet.
                Newest::Future => return self.trim(wall, wall, settled).await,
            },
        };
        let now = clock.read(wall, passed);
        self.clock = Some(clock);
        self.tell(wall.signed_duration_since(now));
        self.trim(wall, now, settled).await
    }

    /// Logs once when the clock is behind and once when it no longer is.
    fn tell(&mut self, behind: TimeDelta) {
        if !self.is_behind && behind > BEHIND {
            self.is_behind = true;
            tracing::info!(
                hours = behind.num_hours(),
                "retention goes by a clock that lags and is catching up: \
                 the event log was quiet, or the wall clock has leapt ahead"
            );
        } else if self.is_behind && behind <= TimeDelta::zero() {
            self.is_behind = false;
            tracing::info!("retention goes by the wall clock again");
        }
    }

    /// When the newest event was appended, ignoring those dated in the future.
    async fn newest(&self, wall: DateTimeUtc, settled: EventId) -> Result<Newest, DbErr> {
        let mut newest = Newest::None;
        let mut below = settled.saturating_add(1);
        while !self.stop.is_cancelled() {
            let page = self.page(0, below, Order::Desc).await?;
            if let Some((_, at)) = page.iter().find(|(_, at)| !is_future(*at, wall)) {
                return Ok(Newest::At(*at));
            }
            match page.last() {
                Some(&(oldest, _)) => below = oldest,
                None => break,
            }
            newest = Newest::Future;
        }
        Ok(newest)
    }

    /// Deletes what is too old at `now`. `wall` decides what is dated in the future.
    pub(super) async fn trim(
        &mut self,
        wall: DateTimeUtc,
        now: DateTimeUtc,
        settled: EventId,
    ) -> Result<u64, DbErr> {
        let age = TimeDelta::from_std(self.older_than).unwrap_or(TimeDelta::MAX);
        let Some(cutoff) = now.checked_sub_signed(age) else {
            return Ok(0);
        };
        let began = Instant::now();
        let mut deleted = 0;
        while let Some(old) = self.too_old(wall, cutoff, settled).await? {
            let mut after = old.after;
            while after < old.through {
                let (end, took) = self.batch(after, old.through, &mut deleted).await?;
                after = end;
                let pause = if self.store.tidy().await? {
                    Pace::pause(took, began.elapsed())
                } else {
                    HELD_UP
                };
                let _ = timeout(pause, self.stop.cancelled()).await;
                if self.stop.is_cancelled() {
                    return Ok(deleted);
                }
            }
        }
        Ok(deleted)
    }

    /// Deletes the next batch, and counts what it has deleted. Returns its end, and how long it has taken.
    async fn batch(
        &mut self,
        after: EventId,
        through: EventId,
        deleted: &mut u64,
    ) -> Result<(EventId, Duration), DbErr> {
        let size = self.pace.size();
        let full = self.end_of(size, after, through).await?;
        let end = full.unwrap_or(through);
        let Deleted { count, work, took } = self.delete(end).await?;
        if full.is_some() && count > 0 {
            self.pace.took(work);
        }
        *deleted += count;
        Ok((end, took))
    }

    /// Which events to delete now. None if there are none.
    async fn too_old(
        &mut self,
        wall: DateTimeUtc,
        cutoff: DateTimeUtc,
        settled: EventId,
    ) -> Result<Option<TooOld>, DbErr> {
        let mark = trimmed_through::Entity::find()
            .one(&self.store.reader())
            .await?
            .ok_or_else(no_mark)?;
        let mark = mark.event_id;
        let mut after = mark;
        let mut through = None;
        let mut future = Future::default();
        // A page of nothing but events dated in the future is not the end.
        while through.is_none() && !self.stop.is_cancelled() {
            let page = self
                .page(after, settled.saturating_add(1), Order::Asc)
                .await?;
            let mut young = false;
            for &(id, at) in &page {
                if at < cutoff {
                    through = Some(id);
                } else if is_future(at, wall) {
                    future.add(id, self.warned_through);
                } else {
                    young = true;
                    break;
                }
            }
            match page.last() {
                Some(&(last, _)) if !young => after = last,
                _ => break,
            }
        }
        if let Some((first, last)) = future.ids {
            let events = future.count;
            tracing::warn!(
                first,
                last,
                events,
                "events are dated in the future; they are kept until one behind them is too old"
            );
            self.warned_through = last;
        }
        Ok(through.map(|through| TooOld {
            after: mark,
            through,
        }))
    }

    /// The events between two ids, and when they were appended. Times are compared here and not in SQL, because other
    /// programs may write them in another notation.
    async fn page(
        &self,
        after: EventId,
        before: EventId,
        order: Order,
    ) -> Result<Vec<(EventId, DateTimeUtc)>, DbErr> {
        event::Entity::find()
            .select_only()
            .columns([event::Column::Id, event::Column::CreatedAt])
            .filter(event::Column::Id.gt(after))
            .filter(event::Column::Id.lt(before))
            .order_by(event::Column::Id, order)
            .limit(PAGE)
            .into_tuple()
            .all(&self.store.reader())
            .await
    }

    /// The id of the event that ends a batch of this size. None if there are fewer up to `through`.
    async fn end_of(
        &self,
        size: u64,
        after: EventId,
        through: EventId,
    ) -> Result<Option<EventId>, DbErr> {
        event::Entity::find()
            .select_only()
            .column(event::Column::Id)
            .filter(event::Column::Id.gt(after))
            .filter(event::Column::Id.lte(through))
            .order_by_asc(event::Column::Id)
            .offset(size - 1)
            .limit(1)
            .into_tuple()
            .one(&self.store.reader())
            .await
    }

    /// Deletes the oldest events up to `end`.
    async fn delete(&self, end: EventId) -> Result<Deleted, DbErr> {
        let txn = self.store.begin().await?;
        let conn = txn.connection();
        // Locked first, so that each of several servers sees what the previous one has deleted.
        let mark = trimmed_through::Entity::find()
            .lock_exclusive()
            .one(&conn)
            .await?
            .ok_or_else(no_mark)?;
        // Now we have the lock, and others wait.
        let began = Instant::now();
        let after = mark.event_id;
        if after >= end {
            return Ok(Deleted::default());
        }
        let mut mark = mark.into_active_model();
        mark.event_id = Set(end);
        mark.update(&conn).await?;
        // Deleted events are settled. Without this the next start would look for them.
        let mut settle = Query::update();
        settle
            .table(settled_through::Entity)
            .value(settled_through::Column::EventId, end)
            .and_where(settled_through::Column::EventId.lt(end));
        conn.execute(&settle).await?;
        #[expect(
            clippy::disallowed_methods,
            reason = "events have no hooks, and deleting them one by one would hold the write lock long"
        )]
        let deleted = event::Entity::delete_many()
            // The lower bound keeps PostgreSQL from scanning everything that was deleted before, again and again.
            .filter(event::Column::Id.gt(after))
            .filter(event::Column::Id.lte(end))
            .exec(&conn)
            .await?
            .rows_affected;
        let work = began.elapsed();
        drop(conn);
        txn.commit().await?;
        Ok(Deleted {
            count: deleted,
            work,
            took: began.elapsed(),
        })
    }
}

/// The events that are too old.
struct TooOld {
    /// Everything up to here was deleted before.
    after: EventId,
    /// The last of them.
    through: EventId,
}

/// What a clock can start with.
enum Newest {
    /// There are no events.
    None,
    /// All are dated in the future.
    Future,
    At(DateTimeUtc),
}

/// Events dated in the future that have not yet been logged.
#[derive(Default)]
struct Future {
    /// The ids of the first and the last.
    ids: Option<(EventId, EventId)>,
    count: u64,
}

impl Future {
    fn add(&mut self, id: EventId, told_through: EventId) {
        if id > told_through {
            self.ids = Some((self.ids.map_or(id, |(first, _)| first), id));
            self.count += 1;
        }
    }
}

/// What one transaction has deleted; nothing if somebody else was faster.
#[derive(Default)]
struct Deleted {
    count: u64,
    /// How long its statements took, and the same with the commit.
    work: Duration,
    took: Duration,
}

fn is_future(at: DateTimeUtc, wall: DateTimeUtc) -> bool {
    at.signed_duration_since(wall) > TOLERANCE
}

fn no_mark() -> DbErr {
    DbErr::RecordNotFound("trimmed_through".to_owned())
}
