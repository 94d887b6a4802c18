//! One stream as bytes, for the body of a response of any server.
//!
//! A server that owns its sockets may instead drive many [`Feed`]s itself: they decide what is sent.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{Stream, future::OptionFuture, stream};
use tokio::{
    sync::watch,
    time::{sleep_until, timeout},
};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    EventId,
    cursor::Origin,
    feed::{Admission, Feed, Next, Source, Start, Timing},
    filter::Filter,
    history::Page,
    hub::Hub,
    read::Extent,
    view::View,
    window::{Piece, Reach, Step},
};

/// Longest delay before a stream opens, whether its cursor was found in the log or not.
const OPENING_PATIENCE: Duration = Duration::from_secs(1);

/// Opens a stream there, or at the present.
///
/// While the log cannot be read to look that up, the stream is open and says nothing: by WHATWG HTML, 9.2.3 an
/// `EventSource` that is refused gives up for good.
pub async fn open(
    hub: &Hub,
    timing: Timing,
    origin: Option<Origin>,
    view: impl Into<View>,
    admission: Admission,
) -> Feed {
    let Some(requested) = origin else {
        return open_at(timing, (hub.settled(), None), view, admission);
    };
    if let Ok(Ok(start)) = timeout(OPENING_PATIENCE, hub.locate(requested)).await {
        return open_at(timing, start, view, admission);
    }
    let mut feed = Feed::new(timing, hub.settled(), view, admission, Instant::now());
    feed.start_later(requested);
    feed
}

/// Opens a stream that starts there.
pub fn open_at(timing: Timing, start: Start, view: impl Into<View>, admission: Admission) -> Feed {
    let mut feed = Feed::new(timing, start.0, view, admission, Instant::now());
    feed.start(start);
    feed
}

/// [Opens](open) a stream for everybody with the default [`Timing`]. The bytes are the body of a response whose
/// content type is `text/event-stream`.
pub async fn bytes(
    hub: Hub,
    last_event_id: Option<EventId>,
    filter: Filter,
) -> impl Stream<Item = Bytes> + Send + 'static {
    let (timing, admission) = (Timing::default(), Admission::default());
    let feed = open(
        &hub,
        timing,
        last_event_id.map(Origin::After),
        filter,
        admission,
    )
    .await;
    body(hub, feed)
}

/// A stream as bytes, made on demand.
pub fn body(hub: Hub, feed: Feed) -> impl Stream<Item = Bytes> + Send + 'static {
    let body = Body {
        settled: hub.subscribe(),
        feed,
        question: None,
        hub,
    };
    stream::unfold(body, async |mut body| {
        let bytes = body.next().await?;
        Some((bytes, body))
    })
}

struct Body {
    hub: Hub,
    settled: watch::Receiver<EventId>,
    feed: Feed,
    /// The task that asks the database; it ends with the stream. If the stream itself asked, the question would stand
    /// still while the client takes nothing, and with it everybody who waits for the answer.
    question: Option<AbortOnDropHandle<Answer>>,
}

/// An answer of the database.
enum Answer {
    Start(Start),
    Page(Arc<Page>),
}

impl Body {
    /// The next bytes; `None` ends the stream.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            // Before looking, so that a change after the look wakes us.
            self.settled.mark_unchanged();
            let next = self.feed.next(Instant::now(), &mut Plain(&self.hub));
            match next {
                Next::Own(frames) => return Some(frames.into()),
                Next::Shared(bytes) => return Some(bytes),
                Next::End => return None,
                Next::Wait => {}
                Next::Locate(requested) => {
                    self.ask(async move |hub, _| {
                        Answer::Start(hub.locate_at_last(requested).await)
                    });
                }
                Next::Read(through) => self.ask(async move |hub, (cursor, filter)| {
                    Answer::Page(hub.page(cursor, through, &filter).await)
                }),
            }
            let due = self.feed.due();
            let right = self.feed.right();
            let withdrawn = OptionFuture::from(right.map(|it| it.withdrawn.cancelled()));
            let answer = tokio::select! {
                () = self.hub.stop().cancelled() => continue,
                () = sleep_until(due.into()) => continue,
                Some(()) = withdrawn => continue,
                // An error means that the hub is gone, and with it the server.
                _ = self.settled.changed(), if self.question.is_none() => continue,
                Some(answer) = OptionFuture::from(self.question.as_mut()) => answer,
            };
            self.question = None;
            match answer {
                // A defect, which is logged. The client reconnects.
                Err(_) => return None,
                Ok(Answer::Start(start)) => self.feed.start(start),
                Ok(Answer::Page(page)) => {
                    let mut source = Plain(&self.hub);
                    if let Some(bytes) = self.feed.page(&page, Instant::now(), &mut source) {
                        return Some(bytes);
                    }
                }
            }
        }
    }

    /// Asks the database, unless a question is already running.
    fn ask<F>(&mut self, question: impl FnOnce(Hub, (EventId, Filter)) -> F)
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        if self.question.is_none() {
            let place = (self.feed.cursor(), self.feed.filter().clone());
            let question = tokio::spawn(question(self.hub.clone(), place));
            self.question = Some(AbortOnDropHandle::new(question));
        }
    }
}

/// Frames without any framing around them.
struct Plain<'a>(&'a Hub);

impl Source for Plain<'_> {
    fn after(&mut self, cursor: EventId, view: &View) -> Reach<Piece> {
        let reach = self.0.after(cursor);
        reach.map(|step| self.cut(&step, cursor, view))
    }

    fn cut(&mut self, step: &Step, cursor: EventId, view: &View) -> Piece {
        step.piece(cursor, view)
    }

    fn is_stopping(&self) -> bool {
        self.0.is_stopping()
    }

    fn lost(&self) -> Option<Extent> {
        self.0.lost()
    }
}
