//! How a stream leaves its connection.

use std::sync::{Mutex, PoisonError};

use dotcast_log::feed::Feed;
use poem::Response;
use tokio::sync::Notify;

use super::{socket::Pressure, wire};

/// A stream that leaves its connection.
#[derive(Debug)]
pub struct Leaving {
    /// The head of the response.
    pub head: Vec<u8>,
    /// The stream.
    pub feed: Feed,
}

/// Where a stream may leave a connection; at most one can. The connection then ends.
#[derive(Debug)]
pub struct Exit {
    pressure: Option<Pressure>,
    leaving: Mutex<Option<Leaving>>,
    has_left: Notify,
}

impl Exit {
    /// An exit from a connection that writes to the socket with this pressure. Without one, no stream can leave.
    pub fn new(pressure: Option<Pressure>) -> Self {
        Self {
            pressure,
            leaving: Mutex::new(None),
            has_left: Notify::new(),
        }
    }

    /// Whether a stream can leave now. While bytes of an earlier response wait in buffers, the socket cannot be
    /// taken back.
    pub fn is_open(&self) -> bool {
        self.pressure.as_ref().is_some_and(|it| !it.is_blocked())
    }

    /// Takes a stream. No part of its response may have been written.
    pub fn take(&self, response: &Response, feed: Feed) {
        let head = wire::head(response.status(), response.headers());
        let leaving = Leaving { head, feed };
        *self.leaving.lock().unwrap_or_else(PoisonError::into_inner) = Some(leaving);
        self.has_left.notify_one();
    }

    /// Completes when a stream has left, even if it left before the call.
    pub async fn has_left(&self) {
        self.has_left.notified().await;
    }

    /// The stream that has left, if one has.
    pub fn into_leaving(self) -> Option<Leaving> {
        let leaving = self.leaving.into_inner();
        leaving.unwrap_or_else(PoisonError::into_inner)
    }
}
