//! A request for events that waits for one (a long poll).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use dotcast_log::{EventId, filter::Filter, hub::Hub, window::Reach};
use poem::Request;
use tokio::time::{Instant, sleep_until};

use crate::places::Place;

/// When a request stops waiting, from its first attempt on.
#[derive(Clone, Copy, Debug)]
pub struct Until(pub Instant);

impl Until {
    /// For a request that may wait for so long, unless an earlier attempt has begun to.
    pub(super) fn of(request: &Request, patience: Duration) -> Self {
        let begun = request.data().copied();
        begun.unwrap_or_else(|| Self(Instant::now() + patience))
    }

    /// Whether there is time left.
    pub(super) fn is_ahead(self) -> bool {
        Instant::now() < self.0
    }
}

/// There was nothing past a cursor. The answer carries this as an extension: whoever holds the connection waits, with as
/// little memory as that takes, and asks again.
#[derive(Clone)]
pub struct Waiting(Arc<Mutex<Option<Wait>>>);

/// What is waited for.
#[derive(Debug)]
pub struct Wait {
    pub(super) hub: Hub,
    /// There was nothing that matches up to here.
    pub(super) cursor: EventId,
    pub(super) filter: Filter,
    /// When the wait is over.
    pub(super) until: Until,
    /// It counts as a stream of its client.
    pub(super) place: Place,
}

impl Waiting {
    pub(super) fn new(wait: Wait) -> Self {
        Self(Arc::new(Mutex::new(Some(wait))))
    }

    /// What is waited for, for the first that asks.
    pub fn take(&self) -> Option<Wait> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Wait {
    /// Waits until there may be something, the time is over or the server stops. Returns until when to wait if there is
    /// nothing after all.
    pub async fn over(self) -> Until {
        let Self {
            hub,
            mut cursor,
            filter,
            until,
            place: _place,
        } = self;
        let mut settled = hub.subscribe();
        let news = async {
            loop {
                // Before looking, so that a change after the look wakes us.
                settled.mark_unchanged();
                match hub.after(cursor) {
                    Reach::Next(step) if step.has(cursor, &filter) => return,
                    Reach::Next(step) => cursor = step.through,
                    // The log knows.
                    Reach::Behind(_) => return,
                    Reach::UpToDate => {
                        if settled.changed().await.is_err() {
                            return;
                        }
                    }
                }
            }
        };
        tokio::select! {
            () = news => until,
            () = sleep_until(until.0) => until,
            // Answer while there is time.
            () = hub.stop().cancelled() => Until(Instant::now()),
        }
    }
}
