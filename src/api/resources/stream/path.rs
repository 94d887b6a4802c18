//! Where the stream is.
//!
//! Its path ends with a slash, and it is served without it, too. The framework knows paths without one only.

use poem::Request;
use serde_json::Value;

/// Where the stream is.
pub const PATH: &str = "/sse/notifications/";

/// Takes the slash from the path of a request for the stream. No redirect: not every client of a stream follows one.
pub(crate) fn strip_slash(request: &mut Request) {
    if request.uri().path() != PATH {
        return;
    }
    let query = request
        .uri()
        .query()
        .map_or(String::new(), |query| format!("?{query}"));
    if let Ok(uri) = format!("{}{query}", without_slash()).parse() {
        *request.uri_mut() = uri;
    }
}

/// Gives the document's `paths` the slash back.
pub(in crate::api) fn restore_slash(paths: &mut Value) {
    let Some(paths) = paths.as_object_mut() else {
        return;
    };
    for (path, operations) in std::mem::take(paths) {
        let path = if path == without_slash() {
            PATH.to_owned()
        } else {
            path
        };
        paths.insert(path, operations);
    }
}

fn without_slash() -> &'static str {
    PATH.trim_end_matches('/')
}
