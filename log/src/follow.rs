//! Events past a cursor, one by one, for the process that follows the log.

use std::{collections::VecDeque, sync::Arc};

use tokio::sync::watch;

use crate::{
    EventId,
    event::Event,
    filter::Filter,
    frame::{Reset, ResetReason},
    hub::Hub,
    window::{Reach, Step},
};

/// What a follower is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// An event.
    Event(Event),
    /// Everything that matches up to here was handed out: resume from it after a restart.
    Position(EventId),
    /// Events between the follower's cursor and what comes next are missing: rebuild what is derived from them.
    Reset(Reset),
}

/// A reader of the log in this process. It waits for nothing but the log.
#[derive(Debug)]
pub struct Follower {
    hub: Hub,
    settled: watch::Receiver<EventId>,
    filter: Filter,
    cursor: EventId,
    is_located: bool,
    ready: VecDeque<Item>,
}

impl Follower {
    /// Follows the log after `cursor`; 0 for everything that is kept.
    pub fn new(hub: Hub, cursor: EventId, filter: Filter) -> Self {
        Self {
            settled: hub.subscribe(),
            hub,
            filter,
            cursor,
            is_located: false,
            ready: VecDeque::new(),
        }
    }

    /// The next item, or `None` once nothing follows the log any more. It waits while the database is away. Dropping
    /// the future loses nothing.
    pub async fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(item);
            }
            if self.hub.is_stopping() {
                return None;
            }
            if !self.is_located {
                let (cursor, reset) = self.hub.locate_at_last(self.cursor.into()).await;
                self.is_located = true;
                self.cursor = cursor;
                self.ready.extend(reset.map(Item::Reset));
                self.ready.push_back(Item::Position(cursor));
                continue;
            }
            // Before looking, so that a change after the look wakes us.
            self.settled.mark_unchanged();
            match self.hub.after(self.cursor) {
                Reach::Next(step) => self.take(&step),
                Reach::Behind(through) => {
                    let hub = self.hub.clone();
                    let page = hub.page(self.cursor, through, &self.filter).await;
                    if page.trimmed_through > self.cursor {
                        let reset = Reset {
                            reason: ResetReason::Expired,
                            requested_id: self.cursor,
                            oldest_id: page.trimmed_through + 1,
                            newest_id: page.newest.max(page.trimmed_through),
                        };
                        self.cursor = page.trimmed_through;
                        self.ready.push_back(Item::Reset(reset));
                        self.ready.push_back(Item::Position(self.cursor));
                    } else {
                        let page = Arc::clone(&page);
                        self.take(&page.step);
                    }
                }
                Reach::UpToDate => {
                    let stop = self.hub.stop().clone();
                    tokio::select! {
                        () = stop.cancelled() => {}
                        // An error means that nothing follows the log any more.
                        changed = self.settled.changed() => changed.ok()?,
                    }
                }
            }
        }
    }

    fn take(&mut self, step: &Step) {
        let events = step.events(self.cursor, &self.filter);
        self.ready.extend(events.into_iter().map(Item::Event));
        self.cursor = step.through.max(self.cursor);
        self.ready.push_back(Item::Position(self.cursor));
    }
}
