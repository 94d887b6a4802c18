//! Requests that wait for news. What answers a request takes much more memory than waiting, so nothing of it is kept
//! meanwhile: the request is put once more when there is something.
//!
//! This is the outermost layer, because each layer within takes memory for as long as it has not answered. They see the
//! request again, and tell by [`Until`](crate::api::answer::waiting::Until) and [`Began`] that it is the same one.

use std::time::Instant;

use poem::{
    Body, Endpoint, Middleware, Request, Response, Result,
    http::{Extensions, HeaderMap, HeaderValue, Method, Uri, Version},
};
use url::form_urlencoded;

use super::request_rate::{RATE_LIMIT, RATE_LIMIT_POLICY};
use crate::api::answer::waiting::Waiting;

/// When a request that may wait was put first.
#[derive(Clone, Copy, Debug)]
pub struct Began(pub Instant);

/// The parameter with which a request asks to wait.
const WAIT: &str = "wait";

/// Waits where an answer says so.
#[derive(Debug)]
pub struct Waits;

impl<E: Endpoint<Output = Response>> Middleware<E> for Waits {
    type Output = Patient<E>;

    fn transform(&self, endpoint: E) -> Self::Output {
        Patient(endpoint)
    }
}

/// An endpoint whose requests may wait.
#[derive(Debug)]
pub struct Patient<E>(E);

impl<E: Endpoint<Output = Response>> Endpoint for Patient<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let mut question = Question::of(&request);
        // Boxed, so that nothing of it is left while the request waits.
        let mut response = Box::pin(self.0.call(request)).await?;
        while let Some(question) = &mut question
            && let Some(wait) = response.data().and_then(Waiting::take)
        {
            question.keep_fields(&response);
            drop(response);
            let until = wait.over().await;
            let mut again = question.request();
            again.extensions_mut().insert(until);
            response = Box::pin(self.0.call(again)).await?;
            response.headers_mut().extend(question.fields.clone());
        }
        Ok(response)
    }
}

/// A request without a body that can be put again.
struct Question {
    uri: Uri,
    version: Version,
    headers: HeaderMap,
    extensions: Extensions,
    /// What its answer says of the client's rate. A request is counted once.
    fields: HeaderMap,
}

impl Question {
    /// The request, if it may wait.
    fn of(request: &Request) -> Option<Self> {
        let query = request.uri().query().unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        if request.method() != Method::GET || !pairs.any(|(name, _)| name == WAIT) {
            return None;
        }
        // Copies: the values share a buffer with all that was read from the connection.
        let copy = |value: &HeaderValue| HeaderValue::from_bytes(value.as_bytes());
        let headers = request.headers().iter();
        let headers = headers.filter_map(|(name, value)| Some((name.clone(), copy(value).ok()?)));
        let uri = request.uri().to_string().parse();
        let mut extensions = request.extensions().clone();
        extensions.insert(Began(Instant::now()));
        Some(Self {
            uri: uri.unwrap_or_else(|_| request.uri().clone()),
            version: request.version(),
            headers: headers.collect(),
            extensions,
            fields: HeaderMap::new(),
        })
    }

    /// Keeps what the first answer says of the client's rate.
    fn keep_fields(&mut self, response: &Response) {
        for name in [RATE_LIMIT, RATE_LIMIT_POLICY] {
            if let Some(value) = response.headers().get(&name) {
                self.fields.insert(name, value.clone());
            }
        }
    }

    fn request(&self) -> Request {
        let mut request = Request::builder()
            .method(Method::GET)
            .uri(self.uri.clone())
            .version(self.version)
            .body(Body::empty());
        *request.headers_mut() = self.headers.clone();
        *request.extensions_mut() = self.extensions.clone();
        request
    }
}
