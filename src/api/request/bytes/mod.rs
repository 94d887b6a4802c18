//! Bodies of requests, as bytes.

mod room;

use std::time::Duration;

use futures_util::StreamExt as _;
use poem::{Body, Request, RequestBody, Result, http::header};
use tokio::time::sleep;

pub(super) use self::room::Held;
pub use self::room::room;
use crate::{
    api::{
        problem::{Code, Failure},
        services::Services,
    },
    places::Full,
    rates::limit::Limit,
    remote::Remote,
};

/// Largest body of a request, in bytes.
const MAX_BODY: usize = 1 << 20;
/// How much of a refused body is received before the connection is closed, in bytes.
const MAX_RECEIVED: usize = 16 * MAX_BODY;
/// How long a refused body is received, from its first byte on.
const PATIENCE: Duration = Duration::from_secs(5);

/// The body of a request that must be JSON, not yet parsed.
pub(super) async fn read(request: &Request, body: &mut RequestBody) -> Result<Held> {
    let header = |name| request.headers().get(name).and_then(|it| it.to_str().ok());
    let announced = header(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    let client = Remote::of(request).client;
    let mut held = Held::new(&Services::of(request).await?.bodies, client);
    let refused = if announced.is_some_and(|length| length > MAX_BODY) {
        Some(too_large())
    } else {
        held.reserve(0).err().map(no_room)
    };
    // A client that asks first has not sent its body yet, and need not (RFC 9110, 10.1.1).
    let asks = header(header::EXPECT).is_some();
    match refused {
        Some(refused) if asks => return Err(refused.into()),
        refused => receive(body.take()?, &mut held, refused).await?,
    }
    if held.is_empty() {
        return Err(Failure::new(Code::EmptyBody, "Send a JSON object as the body.").into());
    }
    let content_type = request.content_type().unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let detail = "Send the body as JSON, with the header `Content-Type: application/json`.";
        return Err(Failure::new(Code::UnsupportedMediaType, detail).into());
    }
    Ok(held)
}

/// Receives the body, and keeps it unless it is refused.
///
/// A refused body is received as well, within limits, and dropped. A client that is still writing when the
/// connection closes would learn that it was closed, but not why (RFC 9112, 9.6).
async fn receive(body: Body, held: &mut Held, mut refused: Option<Failure>) -> Result<(), Failure> {
    let mut chunks = std::pin::pin!(body.into_bytes_stream());
    let mut received = 0;
    let mut patience = std::pin::pin!(sleep(PATIENCE));
    while received <= MAX_RECEIVED {
        let chunk = tokio::select! {
            chunk = chunks.next() => chunk,
            () = &mut patience, if refused.is_some() => break,
        };
        let Some(chunk) = chunk else { break };
        let chunk = chunk.map_err(|_| {
            Failure::new(Code::InvalidJson, "The body ended before it was complete.")
        })?;
        received += chunk.len();
        if refused.is_none() {
            refused = keep(held, &chunk).err();
        }
        if refused.is_some() {
            held.clear();
        }
    }
    refused.map_or(Ok(()), Err)
}

fn keep(held: &mut Held, chunk: &[u8]) -> Result<(), Failure> {
    if held.len() + chunk.len() > MAX_BODY {
        return Err(too_large());
    }
    held.reserve(chunk.len()).map_err(no_room)?;
    held.extend(chunk);
    Ok(())
}

fn too_large() -> Failure {
    Failure::new(Code::BodyTooLarge, "The body may have 1 MiB at most.")
}

fn no_room(full: Full) -> Failure {
    match full {
        Full::Client => Failure::rate_limited(
            Limit::BodiesPerClient,
            "Too much is on its way from you at once.",
            Duration::from_secs(1),
        ),
        Full::All => Failure::new(
            Code::Unavailable,
            "The server is receiving as much as it can hold. Try again in a moment.",
        )
        .because_of(Limit::Bodies),
    }
}
