//! Bodies of requests, as bytes.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use poem::{Body, Request, RequestBody, Result, http::header};
use tokio::time::sleep;

use super::problem::{Code, Failure};

/// Largest body of a request, in bytes.
const MAX_BODY: usize = 1 << 20;
/// So much of a larger body is received before the connection is closed, in bytes.
const MAX_RECEIVED: usize = 16 * MAX_BODY;
/// For so long a body that is too large is received.
const PATIENCE: Duration = Duration::from_secs(5);

/// The body of a request that must be JSON, not yet parsed.
pub(super) async fn read(request: &Request, body: &mut RequestBody) -> Result<Bytes> {
    let header = |name| request.headers().get(name).and_then(|it| it.to_str().ok());
    let announced = header(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    let too_large = announced.is_some_and(|length| length > MAX_BODY);
    // Who asks first has not sent the body yet, and need not (RFC 9110, 10.1.1).
    let asks = header(header::EXPECT).is_some();
    let bytes = if too_large && asks {
        None
    } else {
        receive(body.take()?, too_large).await?
    };
    let Some(bytes) = bytes else {
        return Err(Failure::new(Code::BodyTooLarge, "The body may have 1 MiB at most.").into());
    };
    if bytes.is_empty() {
        return Err(Failure::new(Code::EmptyBody, "Send a JSON object as the body.").into());
    }
    let content_type = request.content_type().unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let detail = "Send the body as JSON, with the header `Content-Type: application/json`.";
        return Err(Failure::new(Code::UnsupportedMediaType, detail).into());
    }
    Ok(bytes)
}

/// The body, or `None` when it is too large.
///
/// What is too large is received all the same, within limits, and dropped: a client that still
/// writes while the connection closes would learn only that it was closed, and not why (RFC 9112,
/// 9.6).
async fn receive(body: Body, mut too_large: bool) -> Result<Option<Bytes>, Failure> {
    let mut chunks = std::pin::pin!(body.into_bytes_stream());
    let mut bytes = BytesMut::new();
    let mut received = 0;
    let patience = sleep(PATIENCE);
    let mut patience = std::pin::pin!(patience);
    while received <= MAX_RECEIVED {
        let chunk = tokio::select! {
            chunk = chunks.next() => chunk,
            () = &mut patience, if too_large => break,
        };
        let Some(chunk) = chunk else { break };
        let chunk = chunk.map_err(|_| {
            Failure::new(Code::InvalidJson, "The body ended before it was complete.")
        })?;
        received += chunk.len();
        too_large |= received > MAX_BODY;
        if !too_large {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok((!too_large).then(|| bytes.freeze()))
}
