//! How many requests a client may send.
//!
//! Each answer that counts tells the client how many more requests it may send, in the fields `RateLimit` and
//! `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10). A request past the limit is answered with 429 before
//! its body is read.

use poem::{
    Endpoint, IntoResponse, Request, Response, Result,
    http::{HeaderName, HeaderValue, StatusCode},
};

use crate::{
    api::{answer::waiting::Until, problem::Failure, resources::health::PROBES},
    rates::{self, Left, Rate, Rates, limit::Limit},
    remote::{Remote, unheard},
};

/// How many requests are left (draft-ietf-httpapi-ratelimit-headers-10, 4).
pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// How many requests are allowed, and in how much time (3).
pub const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Both fields, with their values.
type Fields = [(HeaderName, HeaderValue); 2];

/// An endpoint whose requests are counted, if there is a rate.
pub struct Counted<E> {
    endpoint: E,
    rates: Option<(Rates, HeaderValue)>,
}

impl<E> Counted<E> {
    /// Counts the requests of each client, and refuses those past `rate`.
    pub fn new(endpoint: E, rate: Option<Rate>) -> Self {
        let rates = rate.and_then(|rate| {
            let window = rate.window.as_secs();
            let policy = format!("\"default\";q={};w={window}", rate.number);
            Some((Rates::new(rate), HeaderValue::from_str(&policy).ok()?))
        });
        Self { endpoint, rates }
    }

    /// Counts a request. Returns the fields for its answer, or the answer that refuses it.
    fn count(&self, request: &Request) -> Result<Option<Fields>, Box<Response>> {
        let (Some((rates, policy)), Some(client)) = (&self.rates, Remote::of(request).client)
        else {
            return Ok(None);
        };
        // It was counted before it waited.
        if request.data::<Until>().is_some() {
            return Ok(None);
        }
        // A client that probes often has a reason to, and probes cost next to nothing.
        if PROBES.contains(&request.uri().path()) {
            return Ok(None);
        }
        let fields = |left: Left| {
            let more_in = rates::seconds(left.more_in);
            let left = format!("\"default\";r={};t={more_in}", left.number);
            let left = HeaderValue::from_str(&left).unwrap_or(HeaderValue::from_static(""));
            [(RATE_LIMIT, left), (RATE_LIMIT_POLICY, policy.clone())]
        };
        rates
            .check(client)
            .map(|left| Some(fields(left)))
            .map_err(|wait| {
                let why = "This client sends too many requests.";
                let mut answer =
                    Failure::rate_limited(Limit::RequestRate, why, wait).into_response();
                let none = Left {
                    number: 0,
                    more_in: wait,
                };
                answer.headers_mut().extend(fields(none));
                Box::new(answer)
            })
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Counted<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let unheard = unheard::Proxy::of(&request);
        let answer = match self.count(&request) {
            Err(refused) => *refused,
            Ok(fields) => {
                let mut answer = self.endpoint.get_response(request).await;
                answer.headers_mut().extend(fields.into_iter().flatten());
                answer
            }
        };
        // Whichever limit was hit: every 429 passes through here.
        if answer.status() == StatusCode::TOO_MANY_REQUESTS
            && let Some(proxy) = unheard
        {
            proxy.has_hit_a_limit();
        }
        Ok(answer)
    }
}
