//! Settled events read from the log itself, step by step, for a page of `GET /api/v1/events`.

use entity::event;
use sea_orm::DbErr;

use super::{EventId, filter::Filter, frame::ResetReason, log, tail::Tail};

/// A part of the log that is being read.
#[derive(Debug)]
pub struct Listing {
    tail: Tail,
    filter: Filter,
    requested: EventId,
    /// Everything that matches up to here has been read.
    through: EventId,
    /// Where this part ends.
    end: EventId,
    /// How far the log was settled when it began.
    settled: EventId,
    /// How far the log had been deleted then.
    trimmed_through: Option<EventId>,
    reset: Option<ResetReason>,
}

impl Listing {
    /// What follows `start` up to `settled`, for a client that asked for what follows `requested`.
    pub(super) fn new(
        tail: Tail,
        filter: Filter,
        requested: EventId,
        (start, reset): (EventId, Option<ResetReason>),
    ) -> Self {
        let settled = tail.settled();
        let end = if filter.is_all() {
            settled
        } else {
            // All steps together scan no more than one query may.
            Ord::min(settled, start.saturating_add(log::SCAN))
        };
        Self {
            tail,
            filter,
            requested,
            through: start,
            end: end.max(start),
            settled,
            trimmed_through: None,
            reset,
        }
    }

    /// At most `limit` events more, or none at the end of this part.
    pub async fn next(&mut self, limit: u64) -> Result<Option<Vec<event::Model>>, DbErr> {
        let is_first = self.trimmed_through.is_none();
        if self.through >= self.end && !is_first {
            return Ok(None);
        }
        let page = self
            .tail
            .read_log(self.through, self.end, &self.filter, limit)
            .await?;
        if is_first {
            self.trimmed_through = Some(page.trimmed_through);
            let is_expired = self.requested > 0 && self.requested < page.trimmed_through;
            if self.reset.is_none() && is_expired {
                self.reset = Some(ResetReason::Expired);
            }
        } else if self.through < page.trimmed_through {
            // Retention has overtaken us: events are missing here, and who asks for what follows is told.
            self.end = self.through;
            return Ok(None);
        }
        self.through = page.through;
        Ok(Some(page.events))
    }

    /// Everything that matches up to here has been read, unless it was more than was taken.
    pub fn through(&self) -> EventId {
        self.through
    }

    /// Whether all has been read that was settled at the beginning.
    pub fn is_end(&self) -> bool {
        self.through >= self.settled
    }

    /// How far the log had been deleted at the beginning. Above the cursor that was asked for, events are
    /// missing.
    pub fn trimmed_through(&self) -> EventId {
        self.trimmed_through.unwrap_or(0)
    }

    /// Why the cursor that was asked for could not be honoured, if it could not.
    pub fn reset(&self) -> Option<ResetReason> {
        self.reset
    }
}
