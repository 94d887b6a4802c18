//! A stream as lines of JSON (`application/x-ndjson`): what [frames](crate::frame) say, an object a line.
//!
//! Events have `id`, `type` and `data`, messages of the stream itself a `type` that no event can have.

use std::io::Write as _;

use bytes::Bytes;
use serde_json::json;

use crate::{
    EventId,
    frame::{ByeReason, Reset, cursor_data},
};

/// What is sent on a silent connection: an empty line, which readers of lines of JSON pass over.
pub const KEEP_ALIVE: &[u8] = b"\n";

/// Appends one event of the log.
pub fn event(buffer: &mut Vec<u8>, id: EventId, kind: &str, payload: &Bytes) {
    // Kinds are plain words by a constraint of the table, so they need no escapes. Writing to a `Vec` cannot fail.
    let _ = write!(buffer, "{{\"id\":{id},\"type\":\"{kind}\",\"data\":");
    buffer.extend_from_slice(payload);
    buffer.extend_from_slice(b"}\n");
}

/// Appends the stream's position, as [`frame::cursor`](crate::frame::cursor) does.
pub fn cursor(buffer: &mut Vec<u8>, id: EventId, lease_id: Option<&str>) {
    let data = cursor_data(id, lease_id);
    let _ = writeln!(
        buffer,
        "{{\"id\":{id},\"type\":\"cursor\",\"data\":{data}}}"
    );
}

/// Appends a [`Reset`].
pub fn reset(buffer: &mut Vec<u8>, reset: Reset) {
    let _ = writeln!(
        buffer,
        "{}",
        json!({ "type": "reset", "data": reset.data() })
    );
}

/// Appends why the server ends a stream that the client has no right to any more.
pub fn bye(buffer: &mut Vec<u8>, reason: ByeReason) {
    let line = json!({ "type": "bye", "data": { "reason": reason.as_str() } });
    let _ = writeln!(buffer, "{line}");
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::frame::ResetReason;

    #[test]
    fn each_is_an_object_on_a_line_of_its_own() {
        let mut lines = Vec::new();
        cursor(&mut lines, 41, None);
        cursor(&mut lines, 41, Some("0d9b"));
        event(
            &mut lines,
            42,
            "newBoard",
            &Bytes::from_static(b"{\"n\":\"a\\nb\"}"),
        );
        let expired = Reset {
            reason: ResetReason::Expired,
            requested_id: 5,
            oldest_id: 120,
            newest_id: 400,
        };
        reset(&mut lines, expired);
        bye(&mut lines, ByeReason::SessionEnded);
        bye(&mut lines, ByeReason::LeaseLost);
        let text = String::from_utf8(lines).expect("UTF-8");
        let read: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(
            read,
            [
                json!({ "id": 41, "type": "cursor", "data": { "id": 41 } }),
                json!({ "id": 41, "type": "cursor", "data": { "id": 41, "lease_id": "0d9b" } }),
                json!({ "id": 42, "type": "newBoard", "data": { "n": "a\nb" } }),
                json!({ "type": "reset", "data": {
                    "reason": "expired", "requested_id": 5, "oldest_id": 120, "newest_id": 400,
                } }),
                json!({ "type": "bye", "data": { "reason": "session_ended" } }),
                json!({ "type": "bye", "data": { "reason": "lease_lost" } }),
            ]
        );
    }
}
