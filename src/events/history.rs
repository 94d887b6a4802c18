//! The log behind the window, for streams that catch up.
//!
//! When a server comes back, thousands of clients ask for the same stretch of the log in the same
//! second. So pages are read once, encoded once and shared, and few are read at a time.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sea_orm::DbErr;
use tokio::{
    sync::{OnceCell, Semaphore},
    time::{Instant, sleep_until},
};

use super::{
    EventId,
    filter::Filter,
    log::{self, Extent, Log},
    window::{Round, STEP_EVENTS, Step},
};

/// Events read in one query.
pub const PAGE: u64 = STEP_EVENTS.unsigned_abs();
/// How many streams read the log at once. The others wait; they hold nothing but their cursor.
const LOG_READERS: usize = 3;
/// Pages kept for streams that come later: as much of the log as 16,384 events.
const PAGES: usize = 64;
/// Where the log begins and ends is asked at most so often. Who comes in between shares the answer.
const EXTENT_SPACING: Duration = Duration::from_millis(100);

/// A page of history, encoded.
#[derive(Debug)]
pub struct Page {
    /// What is on it. It may begin before the cursor that was asked for.
    pub step: Step,
    /// How far the log had been deleted when the page was read. Above the cursor that was asked for,
    /// events are missing from it.
    pub trimmed_through: EventId,
    /// How far the log was settled then.
    pub newest: EventId,
}

/// Which page: what it begins after, and for whom.
type Key = (EventId, Filter);
type Shared = Arc<OnceCell<Arc<Page>>>;

/// Reads the log for many.
#[derive(Debug)]
pub struct History {
    log: Log,
    readers: Semaphore,
    /// The newest at the end. One that is being read is there already, so that it is read once.
    pages: Mutex<VecDeque<(Key, Shared)>>,
    /// When it was last asked where the log begins and ends, and the answer.
    extent: tokio::sync::Mutex<Option<(Instant, Extent)>>,
}

impl History {
    /// The history in `log`.
    pub fn new(log: Log) -> Self {
        Self {
            log,
            readers: Semaphore::new(LOG_READERS),
            pages: Mutex::default(),
            extent: tokio::sync::Mutex::default(),
        }
    }

    /// Where the page begins on which a stream at `cursor` finds what comes next. Streams that want
    /// everything share pages whatever their cursors; those with a filter only if their cursors, too,
    /// are the same.
    pub fn page_start(cursor: EventId, filter: &Filter) -> EventId {
        if filter.is_all() {
            cursor / STEP_EVENTS * STEP_EVENTS
        } else {
            cursor
        }
    }

    /// The page with what follows `cursor`, which must lie below `through`.
    pub async fn page(
        &self,
        cursor: EventId,
        through: EventId,
        filter: &Filter,
    ) -> Result<Arc<Page>, DbErr> {
        let start = Self::page_start(cursor, filter);
        loop {
            let shared = self.shared(start, filter);
            let read = || async {
                let page = self.list(start, through, filter, PAGE).await?;
                Ok::<_, DbErr>(Arc::new(Page {
                    step: Step::of(Round::encode(page.events), page.through),
                    trimmed_through: page.trimmed_through,
                    newest: through,
                }))
            };
            let page = shared.get_or_try_init(read).await?;
            if page.step.through > cursor || page.trimmed_through > cursor {
                return Ok(Arc::clone(page));
            }
            // It was read when the log ended there.
            self.lock()
                .retain(|(_, other)| !Arc::ptr_eq(other, &shared));
        }
    }

    /// Reads the log itself, a few callers at a time.
    pub async fn list(
        &self,
        after: EventId,
        through: EventId,
        filter: &Filter,
        limit: u64,
    ) -> Result<log::Page, DbErr> {
        let _permit = self.readers.acquire().await;
        self.log.page(after, through, filter, limit).await
    }

    /// Where the log begins and ends, at the time of the call or later.
    pub async fn extent(&self) -> Result<Extent, DbErr> {
        let asked = Instant::now();
        let mut last = self.extent.lock().await;
        if let Some((began, extent)) = *last {
            if began >= asked {
                return Ok(extent);
            }
            sleep_until(began + EXTENT_SPACING).await;
        }
        let began = Instant::now();
        let _permit = self.readers.acquire().await;
        let extent = self.log.extent().await?;
        *last = Some((began, extent));
        Ok(extent)
    }

    /// Forgets all pages: some of what is on them has been deleted.
    pub fn forget(&self) {
        self.lock().clear();
    }

    fn shared(&self, start: EventId, filter: &Filter) -> Shared {
        let mut pages = self.lock();
        let found = pages
            .iter()
            .find(|((at, of), _)| *at == start && of == filter);
        if let Some((_, shared)) = found {
            return Arc::clone(shared);
        }
        let shared = Shared::default();
        pages.push_back(((start, filter.clone()), Arc::clone(&shared)));
        if pages.len() > PAGES {
            pages.pop_front();
        }
        shared
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<(Key, Shared)>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
