//! A trace for each request.

use opentelemetry::{
    propagation::{Extractor, TextMapPropagator as _},
    trace::TraceContextExt as _,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use poem::{
    Endpoint, Middleware, Request, Response, Result,
    http::{HeaderMap, Method},
};
use tracing::{Instrument as _, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::request_log::{MAX_PATH, X_REQUEST_ID};
use crate::{http::statistics::OperationName, log_lines::shortened, remote::Remote, traces::ROOT};

/// Begins a trace with each request, or goes on with that of a trusted proxy (W3C Trace Context). It ends when the answer
/// begins. Anybody else's `traceparent` is ignored: it would let clients decide what is recorded.
///
/// The attributes have the names of OpenTelemetry's semantic conventions. The query is left out: it may hold a secret.
#[derive(Debug)]
pub struct Traced;

impl<E: Endpoint<Output = Response>> Middleware<E> for Traced {
    type Output = Followed<E>;

    fn transform(&self, endpoint: E) -> Self::Output {
        Followed { endpoint }
    }
}

/// An endpoint whose requests have traces.
#[derive(Debug)]
pub struct Followed<E> {
    endpoint: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Followed<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let method = request.method().clone();
        let method = known(&method);
        let remote = Remote::of(&request);
        let span = tracing::trace_span!(
            ROOT,
            otel.name = method,
            otel.kind = "server",
            otel.status_code = Empty,
            http.request.method = method,
            url.path = &*shortened(request.uri().path(), MAX_PATH),
            client.address = remote.address.map(tracing::field::display),
            http.response.status_code = Empty,
            http.route = Empty,
            dotcast.operation = Empty,
            dotcast.request_id = Empty,
        );
        if !span.is_disabled() && remote.is_vouched {
            let context = TraceContextPropagator::new().extract(&Headers(request.headers()));
            if context.span().span_context().is_valid() {
                let _ = span.set_parent(context);
            }
        }
        let response = self.endpoint.call(request).instrument(span.clone()).await?;
        describe(&span, method, &response);
        Ok(response)
    }
}

fn describe(span: &Span, method: &str, response: &Response) {
    if span.is_disabled() {
        return;
    }
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    if let Some(OperationName { id, route }) = response.data() {
        // `otel.name` counts only before a span has begun.
        let name = format!("{method} {route}");
        span.context().span().update_name(name);
        span.record("http.route", &**route);
        span.record("dotcast.operation", &**id);
    }
    let id = response.headers().get(X_REQUEST_ID);
    if let Some(id) = id.and_then(|id| id.to_str().ok()) {
        span.record("dotcast.request_id", id);
    }
}

/// The method, so that clients cannot make up names of spans.
fn known(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => method.as_str(),
        _ => "_OTHER",
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(poem::http::HeaderName::as_str).collect()
    }
}
