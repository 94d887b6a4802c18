//! What holds for every answer: what browsers are told, and that an answer to HEAD has no body.

use std::time::Duration;

use poem::{
    Endpoint, Middleware, Request, Response, Result,
    http::{HeaderValue, Method, header},
};

use crate::remote::Remote;

/// What an answer without a policy of its own may load and do: nothing, and no page may frame it
/// (<https://www.w3.org/TR/CSP3/>).
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// The content has the type that it claims.
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
/// Other sites are not told which of our pages linked to them.
const REFERRER: HeaderValue = HeaderValue::from_static("same-origin");

/// Adds to every answer, including streams, what browsers should know.
#[derive(Clone, Debug)]
pub struct Headers {
    hsts: Option<HeaderValue>,
}

impl Headers {
    /// With `hsts`, browsers use only encrypted connections for this long (RFC 6797).
    pub fn new(hsts: Option<Duration>) -> Self {
        let value = |age: Duration| HeaderValue::from_str(&format!("max-age={}", age.as_secs()));
        Self {
            hsts: hsts.and_then(|age| value(age).ok()),
        }
    }
}

impl<E: Endpoint<Output = Response>> Middleware<E> for Headers {
    type Output = WithHeaders<E>;

    fn transform(&self, endpoint: E) -> Self::Output {
        WithHeaders {
            headers: self.clone(),
            endpoint,
        }
    }
}

/// An endpoint whose answers carry these headers.
#[derive(Debug)]
pub struct WithHeaders<E> {
    headers: Headers,
    endpoint: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for WithHeaders<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        // Without encryption browsers ignore the header, and anybody could have written it (RFC 6797, 7.2).
        let is_secure = Remote::of(&request).is_secure;
        let is_head = request.method() == Method::HEAD;
        let mut response = self.endpoint.get_response(request).await;
        if is_head {
            // Over HTTP/1.1 the body is left out anyway; over HTTP/2 it would be a protocol error.
            response.set_body(());
        }
        let headers = response.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        headers.insert(header::REFERRER_POLICY, REFERRER);
        headers
            .entry(header::CONTENT_SECURITY_POLICY)
            .or_insert(POLICY);
        if is_secure && let Some(hsts) = &self.headers.hsts {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
        }
        Ok(response)
    }
}
