//! Answers under way, of any kind, refusals among them.
//!
//! Over HTTP/2 a client that does not read its answers can have hundreds of them on each connection, and each holds
//! memory until it is reset. The answers that serve a client are bounded by its places. Refusals, and answers about the
//! server's health, are bounded here. Past the bound a client gets an answer without a body, which no window can hold
//! up.

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

/// Upper bound on the answers of one client that may be under way, apart from streams and what it is served.
const SPARE: usize = 256;

/// An endpoint whose answers are counted, each until all of it has been handed out.
pub struct Answers<E> {
    endpoint: E,
    places: Places,
}

impl<E> Answers<E> {
    /// Counts the answers that each client has under way.
    pub fn new(endpoint: E, limits: &Limits) -> Self {
        let streams = limits.max_streams_per_client as usize;
        let requests = requests::most_of_client(limits);
        Self {
            endpoint,
            places: Places::new(Bounds {
                // Each is on a connection, and connections are bounded.
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
