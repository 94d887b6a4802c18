//! Requests that wait for news. What answers a request takes much more memory than waiting, so nothing of it is kept
//! meanwhile: the request is put once more when there is something.
//!
//! This is outside of all layers of the endpoint, because each of them has room for the request for as long as it has not
//! answered. They see the request again, and tell by [`Began`] and [`Until`](crate::api::answer::waiting::Until) that
//! it is the same one.

use std::{pin::Pin, sync::Arc, time::Instant};

use poem::{
    Body, Endpoint, Request, Response,
    http::{Extensions, HeaderName, HeaderValue, Method, Version},
};
use url::form_urlencoded;

use crate::{
    api::answer::waiting::{Began, Waiting},
    http::middleware::request_rate::{RATE_LIMIT, RATE_LIMIT_POLICY},
};

/// The parameter with which a request asks to wait.
const WAIT: &str = "wait";

/// Answers a request, which may wait for news. An `async fn` would keep room for the request while it waits.
pub fn answered<E>(
    endpoint: &Arc<E>,
    request: Request,
) -> impl Future<Output = Response> + Send + use<E>
where
    E: Endpoint<Output = Response> + 'static,
{
    let endpoint = Arc::clone(endpoint);
    let question = Question::of(&request).map(Box::new);
    let first = attempt(&endpoint, request);
    async move {
        let mut response = first.await;
        let Some(mut question) = question else {
            return response;
        };
        while let Some(wait) = response.data().and_then(Waiting::take) {
            question.keep_fields(&response);
            drop(response);
            let until = Box::pin(wait.over()).await;
            let mut again = question.request();
            again.extensions_mut().insert(until);
            response = attempt(&endpoint, again).await;
        }
        // At the end only: an attempt that waits once more must not bring them again.
        response.headers_mut().extend(question.fields);
        response
    }
}

/// Puts a request to the endpoint. Boxed, so that nothing of it is left while the request waits, or after the answer has
/// begun: a stream over HTTP/2 would keep tens of KiB for as long as it lasts.
fn attempt<E>(
    endpoint: &Arc<E>,
    request: Request,
) -> Pin<Box<impl Future<Output = Response> + Send + use<E>>>
where
    E: Endpoint<Output = Response> + 'static,
{
    let endpoint = Arc::clone(endpoint);
    Box::pin(async move { endpoint.get_response(request).await })
}

/// A request without a body that can be put again, in as little memory as that takes.
struct Question {
    uri: Box<str>,
    version: Version,
    headers: Box<[(HeaderName, HeaderValue)]>,
    extensions: Extensions,
    /// What its answer says of the client's rate. A request is counted once.
    fields: Vec<(HeaderName, HeaderValue)>,
}

impl Question {
    /// The request, if it may wait.
    fn of(request: &Request) -> Option<Self> {
        let query = request.uri().query().unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        if request.method() != Method::GET || !pairs.any(|(name, _)| name == WAIT) {
            return None;
        }
        // Copies: all of them share a buffer with all that was read from the connection.
        let copy = |(name, value): (&HeaderName, &HeaderValue)| {
            let name = HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
            let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
            Some((name, value))
        };
        let mut extensions = request.extensions().clone();
        extensions.insert(Began(Instant::now()));
        Some(Self {
            uri: request.uri().to_string().into(),
            version: request.version(),
            headers: request.headers().iter().filter_map(copy).collect(),
            extensions,
            fields: Vec::new(),
        })
    }

    /// Keeps what the first answer says of the client's rate.
    fn keep_fields(&mut self, response: &Response) {
        for name in [RATE_LIMIT, RATE_LIMIT_POLICY] {
            if let Some(value) = response.headers().get(&name) {
                self.fields.push((name, value.clone()));
            }
        }
    }

    fn request(&self) -> Request {
        let mut request = Request::builder()
            .method(Method::GET)
            .uri_str(&self.uri)
            .version(self.version)
            .body(Body::empty());
        request.headers_mut().extend(self.headers.iter().cloned());
        *request.extensions_mut() = self.extensions.clone();
        request
    }
}
