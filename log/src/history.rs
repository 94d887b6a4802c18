//! The log behind the window, for streams that catch up.
//!
//! When a server comes back, thousands of clients ask for the same part of the log in the same second. So pages are
//! read once, encoded once and shared, and only a few are read at a time.

use std::{
    collections::VecDeque,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::{DbErr, Order};
use tokio::{sync::Semaphore, time::sleep_until};

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
/// Pages kept for streams that come later: as many as hold 16,384 events.
const PAGES: usize = 64;
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

/// The key of a page: the cursor that it follows, and its filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageKey {
    after: EventId,
    filter: Filter,
}

impl PageKey {
    /// The page with the events after `cursor`. Streams without a filter share pages whatever their cursors; streams
    /// with a filter only if their cursors are the same.
    pub fn of(cursor: EventId, filter: &Filter) -> Self {
        let after = if filter.is_all() {
            cursor / STEP_EVENTS * STEP_EVENTS
        } else {
            cursor
        };
        Self {
            after,
            filter: filter.clone(),
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
    /// The newest last. A page that is still being read is already here, so that it is read only once.
    pages: Mutex<VecDeque<(PageKey, Question<Arc<Page>>)>>,
    extent: Question<Extent>,
}

impl History {
    /// The history of `log`.
    pub fn new(log: Log, stats: Arc<Stats>) -> Self {
        Self {
            log,
            stats,
            readers: Arc::new(Semaphore::new(LOG_READERS)),
            pages: Mutex::default(),
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
        let key = PageKey::of(cursor, filter);
        let turn = self.question(&key).turn().await;
        // A cached page may have been read when the log ended before our cursor.
        let reaches = |page: &Page| page.step.through > cursor || page.trimmed_through > cursor;
        if let Some(page) = turn.answer()
            && reaches(page)
        {
            return Ok(Arc::clone(page));
        }
        if let Some(Err(error)) = turn.shared() {
            return Err(error);
        }
        let stats = Arc::clone(&self.stats);
        let query = self.query(async move |log| {
            let began = Instant::now();
            let rows = log
                .rows(key.after, through, &key.filter, PAGE_EVENTS)
                .await?;
            stats.pages.add(began);
            Ok(Arc::new(Page {
                step: Step::of(Round::encode(rows.events), rows.through),
                trimmed_through: rows.trimmed_through,
                newest: through,
            }))
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

    /// Drops all pages, because some of their events have been deleted or rewritten.
    pub fn forget(&self) {
        self.lock().clear();
    }

    fn question(&self, key: &PageKey) -> Question<Arc<Page>> {
        let mut pages = self.lock();
        let found = pages.iter().find(|(it, _)| it == key);
        if let Some((_, question)) = found {
            return question.clone();
        }
        let question = Question::default();
        pages.push_back((key.clone(), question.clone()));
        if pages.len() > PAGES {
            pages.pop_front();
        }
        question
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<(PageKey, Question<Arc<Page>>)>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
