//! One line in the log per request, under an id that the answer carries, too.

use std::time::Instant;

use poem::{
    Endpoint, Middleware, Request, Response, Result,
    http::{HeaderName, HeaderValue},
};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::{
    api::{
        answer::waiting::{Began, Waiting},
        request::id::RequestId,
        resources::health::PROBES,
    },
    http::statistics::{METRICS, Statistics},
    log_lines::shortened,
    remote::Remote,
};

/// The header with the request's id.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that a request may bring.
const MAX_ID: usize = 64;
/// How much of a request's method and path is logged, in bytes.
const MAX_METHOD: usize = 32;
pub(super) const MAX_PATH: usize = 256;

/// Logs and counts each request when its answer begins; for a stream, that is when it opens. What programs ask for
/// again and again, such as the server's health, is logged as debug.
///
/// The query is not logged, nor any header: either may hold a secret.
#[derive(Debug)]
pub struct RequestLog(pub Statistics);

impl<E: Endpoint<Output = Response>> Middleware<E> for RequestLog {
    type Output = Logged<E>;

    fn transform(&self, endpoint: E) -> Self::Output {
        Logged {
            endpoint,
            statistics: self.0.clone(),
        }
    }
}

/// An endpoint whose requests are logged.
#[derive(Debug)]
pub struct Logged<E> {
    endpoint: E,
    statistics: Statistics,
}

impl<E: Endpoint<Output = Response>> Endpoint for Logged<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let began = request.data().map(|Began(began)| *began);
        let started = began.unwrap_or_else(Instant::now);
        let id = request_id(&request);
        let id_text = id.to_str().unwrap_or_default();
        request.extensions_mut().insert(RequestId(id_text.into()));
        // What monitoring asks for every few seconds.
        let is_routine = PROBES.contains(&request.uri().path()) || request.uri().path() == METRICS;
        let method = shortened(request.method().as_str(), MAX_METHOD).into_owned();
        let path = shortened(request.uri().path(), MAX_PATH).into_owned();
        let client = Remote::of(&request).address;
        let span = tracing::info_span!(
            "request",
            id = id_text,
            client = client.map(tracing::field::display),
            user = tracing::field::Empty,
        );
        async {
            let mut response = self.endpoint.get_response(request).await;
            // It is put again, and answered then.
            if response.data::<Waiting>().is_some() {
                return Ok(response);
            }
            self.statistics.answered(&response, started);
            let status = response.status().as_u16();
            let duration_ms = started.elapsed().as_secs_f64() * 1000.0;
            let duration_ms = format_args!("{duration_ms:.3}");
            if is_routine {
                tracing::debug!(%method, path, status, %duration_ms, "answered");
            } else {
                tracing::info!(%method, path, status, %duration_ms, "answered");
            }
            response.headers_mut().insert(X_REQUEST_ID, id.clone());
            Ok(response)
        }
        .instrument(span)
        .await
    }
}

/// The id that the request brings, if it is short and plain, so that one request can be followed through several
/// servers. Otherwise a new one.
fn request_id(request: &Request) -> HeaderValue {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    request
        .headers()
        .get(X_REQUEST_ID)
        .filter(|id| (1..=MAX_ID).contains(&id.len()) && id.as_bytes().iter().all(plain))
        .cloned()
        .or_else(|| HeaderValue::from_str(&Uuid::new_v4().to_string()).ok())
        .unwrap_or_else(|| HeaderValue::from_static("unknown"))
}
