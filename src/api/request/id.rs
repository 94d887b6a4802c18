//! The id under which a request is logged.

use poem::Request;

/// The id under which a request is logged, and that its answer carries as `X-Request-Id`.
#[derive(Clone, Debug)]
pub struct RequestId(pub Box<str>);

impl RequestId {
    /// The id of this request; empty if none was given.
    pub fn of(request: &Request) -> &str {
        let id = request.extensions().get::<Self>();
        id.map_or("", |it| &it.0)
    }
}
