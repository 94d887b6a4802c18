//! Names of header fields, as they are usually written.

use serde_json::Value;

/// The framework writes header names in capitals. They mean the same, but are hard to read.
pub(super) fn restore_header_names(response: &mut Value) {
    let Some(headers) = response.get_mut("headers").and_then(Value::as_object_mut) else {
        return;
    };
    let old = std::mem::take(headers);
    for (name, header) in old {
        let known = [
            "Cache-Control",
            "ETag",
            "Idempotent-Replayed",
            "Last-Event-ID",
            "Link",
            "Location",
            "Log-Reset",
            "Set-Cookie",
            "Vary",
            "X-Accel-Buffering",
        ];
        let known = known.into_iter().find(|it| it.eq_ignore_ascii_case(&name));
        headers.insert(known.map_or(name, str::to_owned), header);
    }
}
