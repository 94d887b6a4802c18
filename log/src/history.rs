//! The log behind the window, for streams that catch up.
//!
//! When a server comes back, thousands of clients ask for the same part of the log in the same second, or for parts
//! that overlap. So pages begin at the same ids whoever asks, are read once, encoded once and shared, and only a few
//! are read at a time.
//!
//! - `pages`: those that are kept

mod pages;

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, Order};
use tokio::{sync::Semaphore, time::sleep_until};

use self::pages::Pages;
use super::{
    EventId,
    filter::Filter,
    question::{Question, finish},
    read::{Extent, Log, Rows},
    stats::Stats,
    window::{Round, STEP_EVENTS, Step},
};

/// Events read in one query.
pub const PAGE_EVENTS: u64 = STEP_EVENTS.unsigned_abs();
/// Upper bound on concurrent queries of the log, for all callers. The others wait; they hold nothing but their
/// cursor.
const LOG_READERS: usize = 3;
/// Upper bound on the memory for pages that are kept for streams that come later: a hundred thousand events of the usual
/// size. Clients that came back at different places need all that lies between them.
const PAGES_BYTES: usize = 32 << 20;
/// Shortest interval between two queries for where the log begins and ends. Callers in between share the answer.
const EXTENT_SPACING: Duration = Duration::from_millis(100);

/// A page of history, encoded.
#[derive(Debug)]
pub struct Page {
    /// The events on it. It may begin before the cursor that was asked for.
    pub step: Step,
    /// How far the log had been deleted when the page was read. If this is above the cursor that was asked for,
    /// events are missing.
    pub trimmed_through: EventId,
    /// The settled position at that time.
    pub newest: EventId,
}

impl Page {
    /// Whether it leads on from this cursor. It may have been read when the log ended before it.
    fn reaches(&self, cursor: EventId) -> bool {
        self.step.through > cursor || self.trimmed_through > cursor
    }
}

/// The key of a page: its filter, and the cursor that it follows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageKey {
    filter: Filter,
    after: EventId,
}

impl PageKey {
    /// The page with the events after `cursor`. Streams with the same filter share pages whatever their cursors: a page
    /// begins at a multiple of [`PAGE_EVENTS`], and so always leads on from the cursors between that and the next.
    pub fn of(cursor: EventId, filter: &Filter) -> Self {
        Self {
            filter: filter.clone(),
            after: cursor / STEP_EVENTS * STEP_EVENTS,
        }
    }

    /// The filter of the streams that it is for.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }
}

/// Reads the log for many callers.
#[derive(Debug)]
pub struct History {
    log: Log,
    stats: Arc<Stats>,
    readers: Arc<Semaphore>,
    pages: Arc<Mutex<Pages>>,
    extent: Question<Extent>,
}

impl History {
    /// The history of `log`.
    pub fn new(log: Log, stats: Arc<Stats>) -> Self {
        Self {
            log,
            stats,
            readers: Arc::new(Semaphore::new(LOG_READERS)),
            pages: Arc::new(Mutex::new(Pages::new(PAGES_BYTES))),
            extent: Question::default(),
        }
    }

    /// The page with what follows `cursor`, which must lie below `through`.
    pub async fn page(
        &self,
        cursor: EventId,
        through: EventId,
        filter: &Filter,
    ) -> Result<Arc<Page>, DbErr> {
        if let Some(page) = lock(&self.pages).covering(cursor, filter) {
            return Ok(page);
        }
        let key = PageKey::of(cursor, filter);
        let (number, question) = lock(&self.pages).question(&key);
        let turn = question.turn().await;
        if let Some(page) = turn.answer()
            && page.reaches(cursor)
        {
            return Ok(Arc::clone(page));
        }
        if let Some(Err(error)) = turn.shared() {
            return Err(error);
        }
        let (stats, pages) = (Arc::clone(&self.stats), Arc::clone(&self.pages));
        let query = self.query(async move |log| {
            let began = Instant::now();
            let rows = log
                .entries(key.after, through, &key.filter, PAGE_EVENTS)
                .await?;
            stats.pages.add(began);
            let page = Arc::new(Page {
                step: Step::of(Round::of(&rows.events), rows.through),
                trimmed_through: rows.trimmed_through,
                newest: through,
            });
            lock(&pages).keep(&key, number, &page);
            Ok(page)
        });
        turn.put(query.await).await
    }

    /// Reads the log itself, a few callers at a time: [`Log::rows`], or [`Log::rows_back`] in descending order.
    pub async fn list(
        &self,
        order: Order,
        after: EventId,
        through: EventId,
        filter: &Filter,
        limit: u64,
    ) -> Result<Rows, DbErr> {
        let filter = filter.clone();
        let query = self.query(async move |log| match order {
            Order::Desc => log.rows_back(after, through, &filter, limit).await,
            _ => log.rows(after, through, &filter, limit).await,
        });
        finish(query.await).await
    }

    /// Where the log begins and ends, at the time of the call or later.
    pub async fn extent(&self) -> Result<Extent, DbErr> {
        let turn = self.extent.turn().await;
        if let Some(shared) = turn.shared() {
            return shared;
        }
        if let Some(began) = turn.last_began() {
            sleep_until(began + EXTENT_SPACING).await;
        }
        let query = self.query(async |log| log.extent().await);
        turn.put(query.await).await
    }

    /// The first event up to `through` that is not older than `time`.
    pub async fn first_since(
        &self,
        time: DateTime<Utc>,
        through: EventId,
    ) -> Result<Option<EventId>, DbErr> {
        let query = self.query(async move |log| log.first_since(time, through).await);
        finish(query.await).await
    }

    /// Waits until another query may begin. It counts as running until it has ended.
    async fn query<T, F, Q>(
        &self,
        query: F,
    ) -> impl Future<Output = Result<T, DbErr>> + Send + use<T, F, Q>
    where
        F: FnOnce(Log) -> Q,
        Q: Future<Output = Result<T, DbErr>> + Send,
    {
        let permit = Arc::clone(&self.readers).acquire_owned().await;
        let query = query(self.log.clone());
        async move {
            let _permit = permit;
            query.await
        }
    }

    /// Drops all pages, because some of their events have been rewritten.
    pub fn forget(&self) {
        lock(&self.pages).clear();
    }

    /// Drops the pages with events up to `mark`, which have been deleted.
    pub fn trim(&self, mark: EventId) {
        lock(&self.pages).trim(mark);
    }
}

fn lock(pages: &Mutex<Pages>) -> MutexGuard<'_, Pages> {
    pages.lock().unwrap_or_else(PoisonError::into_inner)
}
