//! Where in the log a stream starts, and what its client must be told of that.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use tokio::time::sleep;

use crate::{
    EventId,
    cursor::Origin,
    feed::Start,
    frame::{Reset, ResetReason},
    hub::Hub,
    read::Break,
    window::Reach,
};

/// Pause after a failed query.
const FAILURE_PAUSE: Duration = Duration::from_secs(1);

impl Hub {
    /// Where to start a stream whose client wants to begin there.
    pub async fn locate(&self, origin: Origin) -> Result<Start, DbErr> {
        match origin {
            Origin::After(cursor) => self.locate_cursor(cursor).await,
            Origin::Since(time) => Ok((self.locate_time(time).await?, None)),
        }
    }

    /// Before the first settled event that is not older than `time`. Nothing older than what is kept can be missing:
    /// whoever begins at a time asks for what is there.
    async fn locate_time(&self, time: DateTime<Utc>) -> Result<EventId, DbErr> {
        let settled = self.settled();
        let first = self.history().first_since(time, settled).await?;
        let mut start = first.map_or(settled, |id| id - 1);
        // There is nothing in a break, but who has its cursor is told that something may be gone.
        while first.is_some()
            && let Some(Break { first, .. }) = self.broken(start)
        {
            start = first - 1;
        }
        Ok(start.max(self.trimmed_through().min(settled)))
    }

    async fn locate_cursor(&self, requested: EventId) -> Result<Start, DbErr> {
        let broken = self.broken(requested);
        let is_near =
            requested == self.settled() || matches!(self.after(requested), Reach::Next(_));
        if broken.is_none() && is_near {
            return Ok((requested, None));
        }
        let extent = self.history().extent().await?;
        let reset = |reason| Reset::new(reason, requested, extent);
        let settled = self.settled();
        if let Some(Break { first, .. }) = broken {
            // What the client has seen up to there is still true.
            let start = (first - 1).max(extent.trimmed_through);
            return Ok((start, Some(reset(ResetReason::Restored))));
        }
        if requested > extent.newest.max(settled).max(self.resumed()) {
            return Ok((settled, Some(reset(ResetReason::Ahead))));
        }
        if requested > settled {
            // Another server has seen more of the log than this hub, which will catch up in a moment.
            self.wake();
            return Ok((requested, None));
        }
        if requested < extent.trimmed_through {
            // 0 asks for everything that is kept, so nothing that was asked for is missing.
            let reset = (requested > 0).then(|| reset(ResetReason::Expired));
            return Ok((extent.trimmed_through, reset));
        }
        Ok((requested, None))
    }

    /// Where streams started after the last break, before there was a new event; 0 without a break.
    fn resumed(&self) -> EventId {
        let breaks = self.breaks().into_iter();
        breaks.map(|it| it.last + 1).max().unwrap_or(0)
    }

    /// The first break that contains this cursor.
    pub(super) fn broken(&self, cursor: EventId) -> Option<Break> {
        let breaks = self.breaks().into_iter();
        let all = breaks.filter(|it| it.contains(cursor));
        all.min_by_key(|it| it.first)
    }

    /// Like [`locate`](Self::locate), but retries while the database is away.
    pub async fn locate_at_last(&self, origin: Origin) -> Start {
        loop {
            if let Ok(start) = self.locate(origin).await {
                return start;
            }
            // The poller reports the database's failure; here it only takes longer.
            sleep(FAILURE_PAUSE).await;
        }
    }
}
