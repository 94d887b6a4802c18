//! Pages of other origins that may use the API (<https://fetch.spec.whatwg.org/#http-cors-protocol>).
//!
//! The framework's own middleware answers 403 to every origin that is not listed, which this server's page is
//! not either, and forgets `Vary` for requests without an origin.

use std::{str::FromStr, sync::Arc};

use poem::{
    Endpoint, Middleware, Request, Response, Result,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
};
use url::Url;

/// What preflights are told that a request may have.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE");
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID, Idempotency-Key, X-Request-Id",
);
/// What scripts may read of an answer.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Location, Link, Last-Event-ID, X-Request-Id, RateLimit, RateLimit-Policy, Retry-After",
);
/// How long browsers remember a preflight, in seconds; none does so for longer than two hours.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Where pages may come from that use the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Anywhere.
    Any,
    /// Here, as browsers write it.
    Is(HeaderValue),
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let wrong = || {
            "expected an origin such as https://app.example.org or http://localhost:5173, without a path; or `*`"
                .to_owned()
        };
        let origin = Url::parse(text).map_err(|_| wrong())?.origin();
        let written = if origin.is_tuple() {
            origin.ascii_serialization()
        } else {
            // An application's own scheme: its pages come from `app://localhost`.
            text.to_owned()
        };
        let authority = text.split_once("://").map_or("", |(_, it)| it);
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        if authority.is_empty() || authority.contains(|it| "*/?#@".contains(it)) {
            return Err(wrong());
        }
        if written != text {
            return Err(format!("browsers write this origin as {written}"));
        }
        HeaderValue::from_str(text)
            .map(Self::Is)
            .map_err(|_| wrong())
    }
}

/// Lets pages of these origins use the API, with bearer tokens. Cookies are for this server's own pages.
#[derive(Clone, Debug)]
pub struct Cors(Arc<[Origin]>);

impl Cors {
    /// Without origins it changes nothing.
    pub fn new(origins: &[Origin]) -> Self {
        Self(origins.into())
    }

    /// How `Access-Control-Allow-Origin` answers a request, if its origin is one of these.
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
            // Also where there is no such route: the page is to learn that from the answer to its request.
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
        // Caches must know that another origin, or none, has another answer.
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for text in [
            "*",
            "https://app.example.org",
            "http://localhost:5173",
            "http://[2001:db8::1]:8080",
            "https://xn--bcher-kva.example",
            "app://localhost",
        ] {
            assert!(text.parse::<Origin>().is_ok(), "{text}");
        }
        for (text, hint) in [
            ("https://app.example.org/", "as https://app.example.org"),
            ("https://app.example.org:443", "as https://app.example.org"),
            ("https://App.Example.org", "as https://app.example.org"),
            ("https://bücher.example", "as https://xn--bcher-kva.example"),
            ("https://app.example.org/path", "without a path"),
            ("app.example.org", "without a path"),
            ("localhost:5173", "without a path"),
            ("null", "without a path"),
            ("", "without a path"),
            ("https://", "without a path"),
            ("https://*.example.org", "without a path"),
            ("app://", "without a path"),
            ("app://a/b", "without a path"),
            ("https://a.example https://b.example", "without a path"),
        ] {
            let error = text.parse::<Origin>().expect_err(text);
            assert!(error.contains(hint), "{text}: {error}");
        }
    }
}
