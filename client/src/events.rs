//! Following a stream: connect, hand out, reconnect, resume.
//!
//! # What is requested
//!
//! Each connection asks with `Last-Event-ID` for what comes after the last event or position, or after the
//! [cursor](crate::Builder::after) that the client began with. Without either it asks for what happens from now on, or
//! from the [time](crate::Builder::since) on that it was given.
//!
//! # What is handed out
//!
//! - **Events**, once each. An event at or below the last event or position is dropped: a server that lost track when
//!   the connection broke sends it once more. An event whose id is not a number is dropped, too, with a warning in the
//!   log ([`tracing`]), because no client could resume after it.
//! - **`cursor`** as [`Item::Position`]. It replaces the last position even if it is lower.
//! - **`reset`** as [`Item::Reset`].
//! - **`bye`** as [`Error::SessionEnded`]: the server ends the stream because the session behind it has ended.
//! - **Comments** are dropped. They are keep-alives: they show that the connection is not silent.
//!
//! # What is retried
//!
//! - A stream that ended, broke, or was silent for longer than the [idle timeout](crate::Builder::idle_timeout)
//! - A connection that cannot be made within 10 s, or breaks; once there has been a stream, also one that cannot be
//!   encrypted
//! - A request without an answer within the idle timeout
//! - An answer with a status of 408, 429, or 500 and above
//!
//! The pause before the next attempt is the newest `retry` of a stream, or 2 s without one; at least 1 ms and at most
//! 24 h. Each failure since the last stream doubles it, up to 30 s unless the server asked for more. Up to a quarter of
//! it is taken off at random.
//!
//! # What ends it
//!
//! - Any other status than 200: [`Error::Refused`]. Up to ten redirects are followed, without the token if they lead to
//!   another host.
//! - A first connection that cannot be encrypted: [`Error::Insecure`]
//! - A 200 that is not `text/event-stream`: [`Error::NoStream`]
//! - `bye`: [`Error::SessionEnded`]
//! - A line or an event of more than [`MAX_EVENT`](crate::parser::MAX_EVENT) bytes: [`Error::TooLong`]. The server would
//!   send it again.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{
    Stream, StreamExt as _,
    stream::{self, BoxStream},
};

use crate::{
    backoff::Backoff,
    connection::{Connection, Failure},
    endpoint::Endpoint,
    error::Error,
    item::{Event, EventId, Item, parse_id},
    parser::Message,
};

/// A followed stream, which goes on until it is dropped or [something ends it](self#what-ends-it). An error is its last
/// item.
///
/// It works only while it is polled: a program that takes no items reads nothing from the connection.
pub struct Events(BoxStream<'static, Result<Item, Error>>);

impl Events {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        let follower = Follower {
            cursor: endpoint.after,
            endpoint,
            backoff: Backoff::default(),
            connection: None,
            had_stream: false,
        };
        let items = stream::unfold(Some(follower), |follower| async {
            let mut follower = follower?;
            let item = follower.next().await;
            let goes_on = item.is_ok();
            Some((item, goes_on.then_some(follower)))
        });
        Self(items.boxed())
    }
}

impl Stream for Events {
    type Item = Result<Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}

struct Follower {
    endpoint: Endpoint,
    /// Everything up to here has been handed out.
    cursor: Option<EventId>,
    backoff: Backoff,
    connection: Option<Connection>,
    had_stream: bool,
}

impl Follower {
    async fn next(&mut self) -> Result<Item, Error> {
        loop {
            let Some(connection) = &mut self.connection else {
                self.connect().await?;
                continue;
            };
            if let Some(message) = connection.next().await? {
                if let Some(item) = self.take(message)? {
                    return Ok(item);
                }
                continue;
            }
            self.backoff.served(connection.retry());
            self.connection = None;
            self.pause().await;
        }
    }

    async fn connect(&mut self) -> Result<(), Error> {
        let reason = match Connection::open(&self.endpoint, self.cursor).await {
            Ok(connection) => {
                self.connection = Some(connection);
                self.had_stream = true;
                return Ok(());
            }
            Err(Failure::Final(error)) => return Err(error),
            Err(Failure::Insecure(reason)) if !self.had_stream => {
                return Err(Error::Insecure(reason));
            }
            Err(Failure::Temporary(reason) | Failure::Insecure(reason)) => reason,
        };
        tracing::warn!(reason, "no stream");
        self.backoff.failed();
        self.pause().await;
        Ok(())
    }

    async fn pause(&self) {
        let pause = self.backoff.pause();
        tracing::info!(after = self.cursor, ?pause, "reconnecting");
        tokio::time::sleep(pause).await;
    }

    /// What a message means to the caller, if anything.
    fn take(&mut self, message: Message) -> Result<Option<Item>, Error> {
        match &*message.event {
            "reset" => {
                let reset = serde_json::from_str(&message.data).unwrap_or_default();
                return Ok(Some(Item::Reset(reset)));
            }
            "bye" => return Err(Error::SessionEnded),
            _ => {}
        }
        let Some(id) = parse_id(&message.last_event_id) else {
            tracing::warn!(
                event = message.event,
                "dropped an event without a usable id"
            );
            return Ok(None);
        };
        if message.event == "cursor" {
            // It may also go back, when the log itself did: a restored backup.
            self.cursor = Some(id);
            return Ok(Some(Item::Position(id)));
        }
        if self.cursor.is_some_and(|cursor| id <= cursor) {
            return Ok(None);
        }
        self.cursor = Some(id);
        Ok(Some(Item::Event(Event {
            id,
            kind: message.event,
            payload: message.data,
        })))
    }
}
