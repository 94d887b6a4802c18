//! Files that are part of the binary.

use std::sync::LazyLock;

use bytes::Bytes;
use poem::{IntoEndpoint, Response, endpoint::make_sync, http::header};

/// An endpoint that answers GET with one file.
pub fn file(
    content_type: &'static str,
    cache_control: &'static str,
    content: impl Into<Bytes>,
) -> impl IntoEndpoint<Endpoint: 'static> {
    let content = content.into();
    rare_file(content_type, cache_control, move || content)
}

/// An endpoint that answers GET with one file that few clients ask for. It is made when the first does, within
/// milliseconds, and takes no memory before.
pub fn rare_file<C: Into<Bytes>>(
    content_type: &'static str,
    cache_control: &'static str,
    make: impl FnOnce() -> C + Send + 'static,
) -> impl IntoEndpoint<Endpoint: 'static> {
    let content = LazyLock::new(move || make().into());
    poem::get(make_sync(move |_| -> Response {
        Response::builder()
            .content_type(content_type)
            .header(header::CACHE_CONTROL, cache_control)
            .body(Bytes::clone(&content))
    }))
}
