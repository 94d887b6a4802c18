//! Requests that wait for news. What answers a request takes much more memory than waiting, so nothing of it is kept
//! meanwhile: the request is put once more when there is something.

use poem::{
    Body, Endpoint, Middleware, Request, Response, Result,
    http::{Extensions, HeaderMap, HeaderValue, Method, Uri, Version},
};
use url::form_urlencoded;

use crate::api::answer::waiting::Waiting;

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
        let query = request.uri().query().unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        if request.method() != Method::GET || !pairs.any(|(name, _)| name == WAIT) {
            return self.0.call(request).await;
        }
        let question = Question::of(&request);
        let mut response = Box::pin(self.0.call(request)).await?;
        while let Some(wait) = response.data().and_then(Waiting::take) {
            drop(response);
            let until = wait.over().await;
            let mut again = question.request();
            again.extensions_mut().insert(until);
            response = Box::pin(self.0.call(again)).await?;
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
}

impl Question {
    fn of(request: &Request) -> Self {
        // Copies: the values share a buffer with all that was read from the connection.
        let copy = |value: &HeaderValue| HeaderValue::from_bytes(value.as_bytes());
        let headers = request.headers().iter();
        let headers = headers.filter_map(|(name, value)| Some((name.clone(), copy(value).ok()?)));
        let uri = request.uri().to_string().parse();
        Self {
            uri: uri.unwrap_or_else(|_| request.uri().clone()),
            version: request.version(),
            headers: headers.collect(),
            extensions: request.extensions().clone(),
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
