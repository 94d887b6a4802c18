//! Header fields that the answers of all operations have.

use serde_json::{Value, json};

use super::entries;

/// What answers say that count for a client (`http::middleware::request_rate`).
const RATE_FIELDS: [(&str, &str); 2] = [
    (
        "RateLimit",
        "How many requests are left to this client (`r`), and after how many seconds there is one more \
         (`t`): `\"default\";r=499;t=1`. Absent where requests are not counted.",
    ),
    (
        "RateLimit-Policy",
        "How many requests one client may send (`q`) within how many seconds (`w`): \
         `\"default\";q=500;w=5`.",
    ),
];

/// Describes them for each response of an operation; `is_counted` tells whether its requests are counted.
pub(super) fn describe(responses: &mut Value, is_counted: bool) {
    for (_, response) in entries(responses) {
        response["headers"]["X-Request-Id"] = json!({
            "description": "The request in the server's log. A request may bring its own.",
            "required": true,
            "schema": { "type": "string" },
        });
        let keeping = &mut response["headers"]["Cache-Control"];
        if keeping.is_null() {
            *keeping = json!({
                "description": "How caches may keep this answer (RFC 9111).",
                "required": true,
                "schema": { "type": "string" },
            });
        }
        for (name, description) in RATE_FIELDS.iter().filter(|_| is_counted) {
            response["headers"][name] = json!({
                "description": description,
                "schema": { "type": "string" },
            });
        }
    }
}
