//! A request for events that waits for one (a long poll).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use dotcast_log::{EventId, filter::Filter, hub::Hub, right::Right, window::Reach};
use futures_util::future::OptionFuture;
use poem::{IntoResponse, Request, Response};
use poem_openapi::{
    ResponseContent,
    registry::{MetaMediaType, Registry},
};
use tokio::time::{Instant, sleep_until};

use crate::places::Place;

/// When a request that has waited came first.
#[derive(Clone, Copy, Debug)]
pub struct Began(pub std::time::Instant);

/// When a request stops waiting, from its first attempt on.
#[derive(Clone, Copy, Debug)]
pub struct Until(pub Instant);

impl Until {
    /// For a request that may wait for so long, unless an earlier attempt has begun to. `None` if that time is over.
    pub fn of(request: &Request, patience: Duration) -> Option<Self> {
        let now = Instant::now();
        let until = request.data().copied().unwrap_or(Self(now + patience));
        (now < until.0).then_some(until)
    }
}

/// There was nothing past a cursor. The answer carries this as an extension: whoever holds the connection waits, with as
/// little memory as that takes, and asks again.
#[derive(Clone)]
pub struct Waiting(Arc<Mutex<Option<Wait>>>);

/// What is waited for.
#[derive(Debug)]
pub struct Wait {
    /// The log.
    pub hub: Hub,
    /// There was nothing that matches up to here.
    pub cursor: EventId,
    /// What matches.
    pub filter: Filter,
    /// When the wait is over.
    pub until: Until,
    /// The right to follow the log, if one is needed.
    pub right: Option<Right>,
    /// It counts as a stream of its client.
    pub place: Place,
}

impl Waiting {
    /// For whoever holds the connection.
    pub fn new(wait: Wait) -> Self {
        Self(Arc::new(Mutex::new(Some(wait))))
    }

    /// What is waited for, for the first that asks.
    pub fn take(&self) -> Option<Wait> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Wait {
    /// Waits until there may be something, the time is over, the right ends or the server stops. Returns until when to
    /// wait if there is nothing after all.
    pub async fn over(self) -> Until {
        let Self {
            hub,
            mut cursor,
            filter,
            until,
            right,
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
        let right = right.as_ref();
        let withdrawn = OptionFuture::from(right.map(|it| it.withdrawn.cancelled()));
        let expires = right.map_or(until.0, |it| until.0.min(it.until.into()));
        tokio::select! {
            () = news => until,
            () = sleep_until(expires) => until,
            // The next attempt is refused.
            Some(()) = withdrawn => until,
            // Answer while there is time.
            () = hub.stop().cancelled() => Until(Instant::now()),
        }
    }
}

/// An answer that may wait for news.
pub struct Patient<T> {
    /// What is answered without waiting.
    pub content: T,
    /// What is waited for, if there was nothing.
    pub waiting: Option<Waiting>,
}

impl<T: ResponseContent> ResponseContent for Patient<T> {
    fn media_types() -> Vec<MetaMediaType> {
        T::media_types()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: IntoResponse> IntoResponse for Patient<T> {
    fn into_response(self) -> Response {
        let mut response = self.content.into_response();
        if let Some(waiting) = self.waiting {
            response.extensions_mut().insert(waiting);
        }
        response
    }
}
