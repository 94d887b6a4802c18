//! Files that are part of the binary.

use bytes::Bytes;
use poem::{IntoEndpoint, Response, endpoint::make_sync, http::header};

/// An endpoint that answers GET with one file.
pub fn file(
    content_type: &'static str,
    cache_control: &'static str,
    content: impl Into<Bytes>,
) -> impl IntoEndpoint<Endpoint: 'static> {
    let content = content.into();
    poem::get(make_sync(move |_| -> Response {
        Response::builder()
            .content_type(content_type)
            .header(header::CACHE_CONTROL, cache_control)
            .body(content.clone())
    }))
}
