//! One stream as the body of an ordinary response: over TLS, HTTP/2 and HTTP/1.0, and in process.
//!
//! Plain HTTP/1.1 connections, of which there may be very many, are handed to a reactor instead; what
//! is sent is decided by the same [`Feed`].

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{Stream, future::OptionFuture, stream};
use tokio::{
    sync::watch,
    time::{sleep_until, timeout},
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    EventId,
    feed::{Admission, Feed, Next, Piece, Settings, Source, Start},
    filter::Filter,
    history::Page,
    log::Extent,
    tail::Tail,
    window::{Reach, Step},
};

/// A stream opens at the latest after this, whether its cursor was found in the log or not.
const OPENING_PATIENCE: Duration = Duration::from_secs(1);

/// Opens a stream past `last_event_id`, or at the present without one.
///
/// While a cursor cannot be looked up because the log cannot be read, the stream is open and says
/// nothing: by WHATWG HTML, 9.2.3 an `EventSource` that is refused gives up for good.
pub async fn open(
    tail: &Tail,
    settings: Settings,
    last_event_id: Option<EventId>,
    filter: Filter,
    admission: Admission,
) -> Feed {
    let present = tail.settled();
    let mut feed = Feed::new(settings, present, filter, admission, Instant::now());
    match last_event_id {
        None => feed.start((present, None)),
        Some(requested) => match timeout(OPENING_PATIENCE, tail.locate(requested)).await {
            Ok(Ok(start)) => feed.start(start),
            Ok(Err(_)) | Err(_) => feed.start_later(requested),
        },
    }
    feed
}

/// A stream that is open and has not begun. It belongs to the first that claims it.
#[derive(Clone, Debug)]
pub struct Unclaimed(Arc<Mutex<Option<Feed>>>);

impl Unclaimed {
    /// A stream for whoever claims it.
    pub fn new(feed: Feed) -> Self {
        Self(Arc::new(Mutex::new(Some(feed))))
    }

    /// The stream, unless somebody has it.
    pub fn claim(&self) -> Option<Feed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The stream as a body. Claimed when the first bytes are asked for; empty if somebody else has it.
pub fn body(
    tail: Tail,
    unclaimed: Unclaimed,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    stream::unfold(None, move |begun: Option<Body>| {
        let (tail, unclaimed) = (tail.clone(), unclaimed.clone());
        async move {
            let mut body = match begun {
                Some(body) => body,
                None => Body {
                    settled: tail.subscribe(),
                    feed: unclaimed.claim()?,
                    question: None,
                    tail,
                },
            };
            let bytes = body.next().await?;
            Some((Ok(bytes), Some(body)))
        }
    })
}

struct Body {
    tail: Tail,
    settled: watch::Receiver<EventId>,
    feed: Feed,
    /// The task that asks the database; it ends with the stream. Asked from here, the question would
    /// stand still while the client takes nothing, and with it all who wait behind it.
    question: Option<AbortOnDropHandle<Answer>>,
}

/// What the database has told.
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
            let next = self.feed.next(Instant::now(), &mut Frames(&self.tail));
            match next {
                Next::Frames(frames) => return Some(frames.into()),
                Next::Shared(bytes) => return Some(bytes),
                Next::End => return None,
                Next::Wait => {}
                Next::Locate(requested) => self
                    .ask(async move |tail, _| Answer::Start(tail.locate_at_last(requested).await)),
                Next::Read(through) => self.ask(async move |tail, (cursor, filter)| {
                    Answer::Page(tail.page(cursor, through, &filter).await)
                }),
            }
            let due = self.feed.due();
            let right = self.feed.right();
            let withdrawn = OptionFuture::from(right.map(|it| it.withdrawn.cancelled()));
            let answer = tokio::select! {
                () = self.tail.stop().cancelled() => continue,
                () = sleep_until(due.into()) => continue,
                Some(()) = withdrawn => continue,
                // An error means that the tail is gone, and with it the server.
                _ = self.settled.changed(), if self.question.is_none() => continue,
                Some(answer) = OptionFuture::from(self.question.as_mut()) => answer,
            };
            self.question = None;
            match answer {
                // A defect, which is in the log. The client comes back.
                Err(_) => return None,
                Ok(Answer::Start(start)) => self.feed.start(start),
                Ok(Answer::Page(page)) => {
                    let mut source = Frames(&self.tail);
                    if let Some(bytes) = self.feed.page(&page, Instant::now(), &mut source) {
                        return Some(bytes);
                    }
                }
            }
        }
    }

    /// Asks the database, unless it is being asked.
    fn ask<F>(&mut self, question: impl FnOnce(Tail, (EventId, Filter)) -> F)
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        if self.question.is_none() {
            let place = (self.feed.cursor(), self.feed.filter().clone());
            let question = tokio::spawn(question(self.tail.clone(), place));
            self.question = Some(AbortOnDropHandle::new(question));
        }
    }
}

/// Frames as they are.
struct Frames<'a>(&'a Tail);

impl Source for Frames<'_> {
    fn after(&mut self, cursor: EventId, filter: &Filter) -> Reach<Piece> {
        let reach = self.0.after(cursor);
        reach.map(|step| self.cut(&step, cursor, filter))
    }

    fn cut(&mut self, step: &Step, cursor: EventId, filter: &Filter) -> Piece {
        let (bytes, last) = step.frames(cursor, filter);
        Piece {
            bytes,
            last,
            through: step.through,
        }
    }

    fn is_stopping(&self) -> bool {
        self.0.is_stopping()
    }

    fn lost(&self) -> Option<Extent> {
        self.0.lost()
    }
}
