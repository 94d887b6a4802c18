//! Pages of other origins that may use the API (<https://fetch.spec.whatwg.org/#http-cors-protocol>).
//!
//! The framework's own middleware answers 403 to every origin that is not listed, including the origin of this server's
//! own page, and omits `Vary` for requests without an origin.

use std::sync::Arc;

use poem::{
    Endpoint, Middleware, Request, Response, Result,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
};

use crate::config::origin::Origin;

/// What a request may carry, for preflights.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID, Idempotency-Key, X-Request-Id",
);
/// What scripts may read from an answer.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Location, Link, Last-Event-ID, X-Request-Id, RateLimit, RateLimit-Policy, Retry-After",
);
/// How long browsers cache a preflight, in seconds. No browser caches it for more than two hours.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Lets pages of these origins use the API, with bearer tokens. Cookies are for this server's own pages.
#[derive(Clone, Debug)]
pub struct Cors(Arc<[Origin]>);

impl Cors {
    /// Without origins it changes nothing.
    pub fn new(origins: &[Origin]) -> Self {
        Self(origins.into())
    }

    /// What `Access-Control-Allow-Origin` says to a request, if its origin is one of these.
    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        if self.0.contains(&Origin::Any) {
            return Some(HeaderValue::from_static("*"));
        }
        let is_one = self.0.iter().any(|it| *it == Origin::Is(origin.clone()));
        is_one.then(|| origin.clone())
    }
}

impl<E: Endpoint<Output = Response>> Middleware<E> for Cors {
    type Output = WithCors<E>;

    fn transform(&self, endpoint: E) -> Self::Output {
        WithCors {
            cors: self.clone(),
            endpoint,
        }
    }
}

/// An endpoint that pages of other origins may use.
#[derive(Debug)]
pub struct WithCors<E> {
    cors: Cors,
    endpoint: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for WithCors<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        if self.cors.0.is_empty() {
            return self.endpoint.call(request).await;
        }
        let allowed = self.cors.allowed(request.headers());
        let is_preflight = request.method() == Method::OPTIONS
            && request
                .headers()
                .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let mut response = if is_preflight && allowed.is_some() {
            // Even if there is no such route: the page should learn that from the answer to its request.
            Response::builder()
                .status(StatusCode::NO_CONTENT)
                .header(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS)
                .header(header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS)
                .header(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE)
                .finish()
        } else {
            self.endpoint.get_response(request).await
        };
        let headers = response.headers_mut();
        // Caches must know that another origin, or none, gets another answer.
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
        Ok(response)
    }
}
