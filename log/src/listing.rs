//! Settled events read from the log itself, step by step, for a page of `GET /api/v1/events`.

use sea_orm::{DbErr, Order};

use crate::{EventId, event, filter::Filter, frame::ResetReason, hub::Hub, read};

/// A part of the log that is being read, oldest first.
#[derive(Debug)]
pub struct Listing {
    hub: Hub,
    filter: Filter,
    requested: EventId,
    /// Everything that matches up to here has been read.
    through: EventId,
    /// The end of this part.
    end: EventId,
    /// The settled position when the reading began.
    settled: EventId,
    /// How far the log had been deleted then.
    trimmed_through: Option<EventId>,
    reset: Option<ResetReason>,
}

impl Hub {
    /// Starts reading settled events past `after` from the log itself.
    pub async fn list(&self, after: EventId, filter: Filter) -> Result<Listing, DbErr> {
        let start = if self.broken(after).is_some() || after > self.settled() {
            let (start, reset) = self.locate(after).await?;
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
        let settled = hub.settled();
        let end = if filter.is_all() {
            settled
        } else {
            // All steps together scan no more than a single query may.
            Ord::min(settled, start.saturating_add(read::SCAN))
        };
        Self {
            hub,
            filter,
            requested,
            through: start,
            end: end.max(start),
            settled,
            trimmed_through: None,
            reset,
        }
    }

    /// The next `limit` events at most; none at the end of this part.
    pub async fn next(&mut self, limit: u64) -> Result<Option<Vec<event::Model>>, DbErr> {
        let is_first = self.trimmed_through.is_none();
        if self.through >= self.end && !is_first {
            return Ok(None);
        }
        let page = self
            .hub
            .read_log(Order::Asc, self.through, self.end, &self.filter, limit)
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
            self.end = self.through;
            return Ok(None);
        }
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
    /// The lower end of this part.
    floor: EventId,
    /// Whether the lower end is where a filtered query has to stop, rather than the one that was requested.
    is_cut: bool,
    /// How far the log had been deleted when it was last read.
    trimmed_through: Option<EventId>,
}

impl ListingBack {
    /// The settled events between `after` and `before`, excluding both.
    pub(super) fn new(hub: Hub, filter: Filter, after: EventId, before: EventId) -> Self {
        let newest = before.saturating_sub(1).clamp(0, hub.settled());
        // All steps together scan no more than a single query may.
        let least = if filter.is_all() {
            0
        } else {
            newest.saturating_sub(read::SCAN)
        };
        Self {
            hub,
            filter,
            newest,
            above: newest,
            floor: after.max(least),
            is_cut: least > after,
            trimmed_through: None,
        }
    }

    /// The next `limit` events at most, newest first; none at the end of this part.
    pub async fn next(&mut self, limit: u64) -> Result<Option<Vec<event::Model>>, DbErr> {
        if self.above <= self.floor && self.trimmed_through.is_some() {
            return Ok(None);
        }
        let page = self
            .hub
            .read_log(Order::Desc, self.floor, self.above, &self.filter, limit)
            .await?;
        self.trimmed_through = Some(page.trimmed_through);
        self.above = match page.events.last() {
            Some(oldest) if page.events.len() as u64 == limit => oldest.id - 1,
            _ => self.floor,
        };
        Ok(Some(page.events))
    }

    /// Where this part began. Newer events can be read after it.
    pub fn newest(&self) -> EventId {
        self.newest
    }

    /// The `before` to go on with once this part has been read, if older events may be left.
    pub fn next_before(&self) -> Option<EventId> {
        (self.is_cut && self.floor > self.trimmed_through()).then(|| self.floor + 1)
    }

    /// How far the log had been deleted.
    pub fn trimmed_through(&self) -> EventId {
        self.trimmed_through.unwrap_or(0)
    }
}
