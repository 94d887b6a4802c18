//! How caches may keep every answer (RFC 9111), decided in one place so that no operation can forget it.
//!
//! Many caches keep an answer for a while even if it says nothing: a proxy that was told to keeps a 200, and any cache
//! a 404, 405 or 410 (RFC 9110, 15.1). So whatever is not known to be public is private.

use poem::{
    Endpoint, Middleware, Request, Response, Result,
    http::{HeaderValue, Method, StatusCode, header},
};

use super::operations::is_of;
use crate::api::resources::health::PROBES;

/// Paths that everybody may read, with the same answer for everybody.
const PUBLIC: [&str; 4] = [
    "/api/v1/boards/{id}/picture.svg",
    "/api/v1/boards/{id}/picture.png",
    "/api/v1/events",
    "/problems/{code}",
];

/// Paths that everybody may read, with a little more in the answers for users.
const VIEWED: [&str; 2] = ["/api/v1/boards", "/api/v1/boards/{id}"];

/// Completes answers that do not say how they may be kept.
#[derive(Debug)]
pub struct Caching;

impl<E: Endpoint<Output = Response>> Middleware<E> for Caching {
    type Output = Kept<E>;

    fn transform(&self, endpoint: E) -> Self::Output {
        Kept(endpoint)
    }
}

/// An endpoint whose answers say how they may be kept.
#[derive(Debug)]
pub struct Kept<E>(E);

impl<E: Endpoint<Output = Response>> Endpoint for Kept<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let wanted = Wanted::by(&request);
        let mut response = self.0.get_response(request).await;
        wanted.complete(&mut response);
        Ok(response)
    }
}

/// What kind of answer a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Public { names_a_user: bool, is_viewed: bool },
    Momentary,
    Own,
}

impl Wanted {
    fn by(request: &Request) -> Self {
        let is_one = |of: &[&str]| of.iter().any(|it| is_of(it, request.uri().path()));
        let is_read = [Method::GET, Method::HEAD].contains(request.method());
        if is_one(&PROBES) {
            Self::Momentary
        } else if is_read && (is_one(&PUBLIC) || is_one(&VIEWED)) {
            let credentials = [header::AUTHORIZATION, header::COOKIE];
            Self::Public {
                names_a_user: credentials
                    .iter()
                    .any(|it| request.headers().contains_key(it)),
                is_viewed: is_one(&VIEWED),
            }
        } else {
            Self::Own
        }
    }

    fn complete(self, response: &mut Response) {
        let status = response.status();
        let is_good = status.is_success() || status == StatusCode::NOT_MODIFIED;
        let headers = response.headers_mut();
        // Files and streams know better.
        if is_good && headers.contains_key(header::CACHE_CONTROL) {
            return;
        }
        let rule = match self {
            _ if !is_good => "no-store",
            Self::Momentary => "no-store",
            // Revalidated each time, with the entity tag if there is one.
            Self::Public { names_a_user, .. } if !names_a_user => "no-cache",
            Self::Public { .. } => "private, no-cache",
            Self::Own => "private, no-store",
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(rule));
        // For caches that were told to keep everything, and for those of browsers in which people log in and out.
        let is_same_for_all = match self {
            Self::Momentary => true,
            Self::Public { is_viewed, .. } => !is_viewed,
            Self::Own => false,
        };
        if !is_same_for_all {
            let vary = HeaderValue::from_static("Authorization, Cookie");
            headers.append(header::VARY, vary);
        }
    }
}
