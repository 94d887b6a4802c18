//! Settled events read from the log itself, step by step, for a page of `GET /api/v1/events`.

use sea_orm::{DbErr, Order};

use crate::{EventId, event, filter::Filter, frame::ResetReason, hub::Hub};

/// A part of the log that is being read, oldest first.
#[derive(Debug)]
pub struct Listing {
    hub: Hub,
    filter: Filter,
    requested: EventId,
    /// Everything that matches up to here has been read.
    through: EventId,
    /// The settled position when the reading began.
    settled: EventId,
    /// Whether nothing more is read: this was the end, or one more step could be slow.
    is_over: bool,
    /// How far the log had been deleted then.
    trimmed_through: Option<EventId>,
    reset: Option<ResetReason>,
}

impl Hub {
    /// Starts reading settled events past `after` from the log itself.
    pub async fn list(&self, after: EventId, filter: Filter) -> Result<Listing, DbErr> {
        let start = if self.broken(after).is_some() || after > self.settled() {
            let (start, reset) = self.locate(after.into()).await?;
            (start, reset.map(|it| it.reason))
        } else {
            (after, None)
        };
        Ok(Listing::new(self.clone(), filter, after, start))
    }

    /// Starts reading settled events between `after` and `before` from the log itself, newest first.
    pub fn list_back(&self, after: EventId, before: EventId, filter: Filter) -> ListingBack {
        ListingBack::new(self.clone(), filter, after, before)
    }
}

impl Listing {
    /// The events after `start` up to `settled`, for a client that asked for what follows `requested`.
    pub(super) fn new(
        hub: Hub,
        filter: Filter,
        requested: EventId,
        (start, reset): (EventId, Option<ResetReason>),
    ) -> Self {
        Self {
            settled: hub.settled(),
            hub,
            filter,
            requested,
            through: start,
            is_over: false,
            trimmed_through: None,
            reset,
        }
    }

    /// The next `limit` events at most; none at the end of this part.
    pub async fn next(&mut self, limit: u64) -> Result<Option<Vec<event::Model>>, DbErr> {
        if self.is_over {
            return Ok(None);
        }
        let is_first = self.trimmed_through.is_none();
        let page = self
            .hub
            .read_log(Order::Asc, self.through, self.settled, &self.filter, limit)
            .await?;
        if is_first {
            self.trimmed_through = Some(page.trimmed_through);
            let is_expired = self.requested > 0 && self.requested < page.trimmed_through;
            if self.reset.is_none() && is_expired {
                self.reset = Some(ResetReason::Expired);
            }
        } else if self.through < page.trimmed_through {
            // Retention has overtaken us. Events are missing here, and the client is told when it asks for what
            // follows.
            self.is_over = true;
            return Ok(None);
        }
        self.is_over = (page.events.len() as u64) < limit || page.through >= self.settled;
        self.through = page.through;
        Ok(Some(page.events))
    }

    /// Everything that matches up to here has been read, unless more was read than taken.
    pub fn through(&self) -> EventId {
        self.through
    }

    /// Whether everything that was settled at the beginning has been read.
    pub fn is_end(&self) -> bool {
        self.through >= self.settled
    }

    /// How far the log had been deleted at the beginning. If this is above the requested cursor, events are missing.
    pub fn trimmed_through(&self) -> EventId {
        self.trimmed_through.unwrap_or(0)
    }

    /// Why the requested cursor could not be honoured, if so.
    pub fn reset(&self) -> Option<ResetReason> {
        self.reset
    }
}

/// A part of the log that is being read, newest first.
#[derive(Debug)]
pub struct ListingBack {
    hub: Hub,
    filter: Filter,
    /// The upper end of this part, settled when the reading began.
    newest: EventId,
    /// Everything that matches above here has been read.
    above: EventId,
    /// The lower end of this part, excluded.
    after: EventId,
    /// Whether nothing more is read: this was the end, or one more step could be slow.
    is_over: bool,
    /// How far the log had been deleted when it was last read.
    trimmed_through: Option<EventId>,
}

impl ListingBack {
    /// The settled events between `after` and `before`, excluding both.
    pub(super) fn new(hub: Hub, filter: Filter, after: EventId, before: EventId) -> Self {
        let newest = before.saturating_sub(1).clamp(0, hub.settled());
        Self {
            hub,
            filter,
            newest,
            above: newest,
            after,
            is_over: false,
            trimmed_through: None,
        }
    }

    /// The next `limit` events at most, newest first; none at the end of this part.
    pub async fn next(&mut self, limit: u64) -> Result<Option<Vec<event::Model>>, DbErr> {
        if self.is_over {
            return Ok(None);
        }
        let page = self
            .hub
            .read_log(Order::Desc, self.after, self.above, &self.filter, limit)
            .await?;
        self.trimmed_through = Some(page.trimmed_through);
        self.is_over = (page.events.len() as u64) < limit || page.through <= self.after;
        self.above = page.through;
        Ok(Some(page.events))
    }

    /// Where this part began. Newer events can be read after it.
    pub fn newest(&self) -> EventId {
        self.newest
    }

    /// The `before` to go on with once this part has been read, if older events may be left.
    pub fn next_before(&self) -> Option<EventId> {
        (self.above > self.after.max(self.trimmed_through())).then(|| self.above.saturating_add(1))
    }

    /// How far the log had been deleted.
    pub fn trimmed_through(&self) -> EventId {
        self.trimmed_through.unwrap_or(0)
    }
}
