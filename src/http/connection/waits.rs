//! Requests that wait for news. What answers a request takes much more memory than waiting, so nothing of it is kept
//! meanwhile: the request is put once more when there is something.
//!
//! This is outside of all layers of the endpoint, because each of them has room for the request for as long as it has not
//! answered. They see the request again, and tell by [`Began`] and [`Until`] that it is the same one.

use std::{mem, ops::ControlFlow, pin::Pin, sync::Arc, time::Instant};

use futures_util::{FutureExt as _, future::BoxFuture};
use poem::{
    Body, Endpoint, Request, Response,
    http::{HeaderName, HeaderValue, Method, Version},
};
use url::form_urlencoded;

use crate::{
    api::answer::waiting::{Began, Until, Waiting},
    http::middleware::request_rate::{RATE_LIMIT, RATE_LIMIT_POLICY},
    remote::Remote,
};

/// The parameter with which a request asks to wait.
const WAIT: &str = "wait";

/// Answers a request, which may wait for news. All that is kept while it waits is kept in this future.
pub fn answered<E>(
    endpoint: &Arc<E>,
    request: Request,
) -> impl Future<Output = Response> + Send + use<E>
where
    E: Endpoint<Output = Response> + 'static,
{
    let question = Question::of(&request);
    let mut answering = attempt(endpoint, request);
    let Some(mut question) = question else {
        return answering.left_future();
    };
    let endpoint = Arc::clone(endpoint);
    let waiting = async move {
        loop {
            let over = match question.waits(answering.await) {
                ControlFlow::Continue(over) => over,
                ControlFlow::Break(response) => return response,
            };
            answering = attempt(&endpoint, question.request(over.await));
        }
    };
    waiting.right_future()
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
    remote: Remote,
    began: Began,
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
        Some(Self {
            uri: request.uri().to_string().into(),
            version: request.version(),
            headers: request.headers().iter().filter_map(copy).collect(),
            remote: Remote::of(request).clone(),
            began: Began(Instant::now()),
            fields: Vec::new(),
        })
    }

    /// What to wait for before the request is put again, or else its answer.
    fn waits(
        &mut self,
        mut response: Response,
    ) -> ControlFlow<Response, BoxFuture<'static, Until>> {
        if let Some(wait) = response.data().and_then(Waiting::take) {
            for name in [RATE_LIMIT, RATE_LIMIT_POLICY] {
                if let Some(value) = response.headers().get(&name) {
                    self.fields.push((name, value.clone()));
                }
            }
            return ControlFlow::Continue(Box::pin(wait.over()));
        }
        // At the end only: an attempt that waits once more must not bring them again.
        response.headers_mut().extend(mem::take(&mut self.fields));
        ControlFlow::Break(response)
    }

    /// The request once more, which may wait until then.
    fn request(&self, until: Until) -> Request {
        let mut request = Request::builder()
            .method(Method::GET)
            .uri_str(&self.uri)
            .version(self.version)
            .body(Body::empty());
        request.headers_mut().extend(self.headers.iter().cloned());
        let extensions = request.extensions_mut();
        extensions.insert(self.remote.clone());
        extensions.insert(self.began);
        extensions.insert(until);
        request
    }
}
