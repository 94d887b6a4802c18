//! That a request asks for the head of an answer alone.

use poem::{Request, http::Method};

/// What marks requests for HEAD. The framework turns these into GET on their way to a handler.
#[derive(Clone, Copy, Debug)]
struct Head;

/// Marks the request if it is one for HEAD.
pub fn mark(request: &mut Request) {
    if request.method() == Method::HEAD {
        request.set_data(Head);
    }
}

/// Whether it was marked. Then a GET that changes something must not do that (RFC 9110, 9.2.1).
pub fn is_asked(request: &Request) -> bool {
    request.data::<Head>().is_some()
}
