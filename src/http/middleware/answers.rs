//! Answers under way, of any kind, refusals among them.
//!
//! Over HTTP/2 a client that takes nothing of its answers can have hundreds on each connection, and each holds
//! memory until it is reset. What a client is served with is bounded by its places; what it is refused with, and
//! what it is told of the server's health, is bounded here. Past the bound it gets an answer without a body, which
//! no window can hold up.

use std::sync::Arc;

use poem::{
    Endpoint, Request, Response, Result,
    http::{StatusCode, header},
};

use super::requests;
use crate::{
    config::limits::Limits,
    places::{Bounds, Places},
    rates::notice::Notice,
    remote::Remote,
};

/// Answers that one client may have under way beside streams and what it is served with.
const SPARE: usize = 256;

/// An endpoint whose answers are counted, each until all of it was handed out.
pub struct Answers<E> {
    endpoint: E,
    places: Places,
}

impl<E> Answers<E> {
    /// Counts what each client has under way.
    pub fn new(endpoint: E, limits: &Limits) -> Self {
        let streams = limits.max_streams_per_client as usize;
        let requests = requests::most_of_client(limits);
        Self {
            endpoint,
            places: Places::new(Bounds {
                // Each is on a connection, and those are bounded.
                all: usize::MAX,
                per_client: streams + requests + SPARE,
            }),
        }
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Answers<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        static NOTICE: Notice = Notice::new();
        let client = Remote::of(&request).client;
        let Ok(place) = self.places.take(client) else {
            if let (Some(times), Some(client)) = (NOTICE.due(), client) {
                tracing::warn!(times, %client, "a client takes nothing of its answers; it gets empty ones");
            }
            return Ok(Response::builder()
                .status(StatusCode::TOO_MANY_REQUESTS)
                .header(header::RETRY_AFTER, "1")
                .finish());
        };
        let mut answer = self.endpoint.get_response(request).await;
        answer.extensions_mut().insert(Arc::new(place));
        Ok(answer)
    }
}
