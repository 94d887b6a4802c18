//! The problems that each operation has.

use std::collections::BTreeMap;

use dotcast_log::cursor::InvalidCursor;
use serde_json::{Map, Value, json};

use crate::api::{problem::Code, request::params::etags};

/// Examples of all kinds of problem, by their codes.
pub(super) fn examples() -> Map<String, Value> {
    let example = |code: &Code| {
        let example = json!({ "summary": code.title(), "value": example(*code) });
        (code.as_str().to_owned(), example)
    };
    Code::ALL.iter().map(example).collect()
}

/// The error responses of an operation, by status. They take the place of what the framework has written of failures.
/// `is_counted` tells whether the operation may be refused for being called too often.
pub(super) fn responses(
    method: &str,
    operation: &mut Value,
    is_counted: bool,
) -> BTreeMap<u16, Value> {
    let own = take_own(&mut operation["responses"]);
    let mut codes = derived(method, operation);
    if is_counted {
        codes.push(Code::RateLimited);
    }
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes.into_iter().chain(own) {
        by_status.entry(code.status()).or_default().push(code);
    }
    let response = |(status, codes): (u16, Vec<Code>)| (status, response(&codes));
    by_status.into_iter().map(response).collect()
}

/// The problems that the operation's signature names (`FailsWith`). What is left are the answers that are none.
fn take_own(responses: &mut Value) -> Vec<Code> {
    let mut own = Vec::new();
    if let Some(responses) = responses.as_object_mut() {
        responses.retain(|key, _| {
            let code = Code::ALL.iter().find(|code| code.as_str() == key);
            own.extend(code);
            code.is_none() && key != "default"
        });
    }
    own
}

/// The problems that every operation has, and those that follow from what this one takes.
fn derived(method: &str, operation: &Value) -> Vec<Code> {
    let mut codes = vec![
        Code::InvalidHeader,
        Code::UnknownParameter,
        Code::RequestTimeout,
        Code::Internal,
        Code::Unavailable,
        Code::TooManyConnections,
        Code::TlsRequired,
    ];
    let parameters = operation["parameters"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let has = |name: &str| parameters.iter().any(|it| it["name"] == name);
    let plain = [
        "Last-Event-ID",
        "after",
        "If-Match",
        "If-None-Match",
        "Idempotency-Key",
    ];
    if parameters
        .iter()
        .any(|it| !plain.iter().any(|name| it["name"] == *name))
    {
        codes.push(Code::InvalidParameter);
    }
    if has("Last-Event-ID") || has("after") {
        codes.push(Code::InvalidCursor);
    }
    if has("If-Match") {
        codes.push(Code::StaleVersion);
    }
    if has("Idempotency-Key") {
        codes.push(Code::IdempotencyMismatch);
    }
    let ways = operation["security"].as_array();
    if ways.is_some_and(|ways| !ways.contains(&json!({}))) {
        codes.extend([
            Code::MissingToken,
            Code::InvalidToken,
            Code::ExpiredToken,
            Code::RevokedToken,
        ]);
        if method != "get" {
            codes.push(Code::OriginMismatch);
        }
    }
    if operation.get("requestBody").is_some() {
        codes.extend([
            Code::InvalidJson,
            Code::EmptyBody,
            Code::BodyTooLarge,
            Code::UnsupportedMediaType,
            Code::ValidationFailed,
        ]);
    }
    codes
}

fn response(codes: &[Code]) -> Value {
    let description: Vec<_> = codes
        .iter()
        .map(|code| format!("`{}`: {}.", code.as_str(), code.title()))
        .collect();
    let examples: Map<_, _> = codes
        .iter()
        .map(|code| {
            let reference = format!("#/components/examples/{}", code.as_str());
            (code.as_str().to_owned(), json!({ "$ref": reference }))
        })
        .collect();
    let mut headers = Map::new();
    let mut header = |name: &str, description: &str, required: bool| {
        let header = json!({
            "description": description,
            "required": required,
            "schema": { "type": "string" },
        });
        headers.insert(name.to_owned(), header);
    };
    match codes.first().map(|code| code.status()) {
        Some(401) => header("WWW-Authenticate", "How to authenticate (RFC 6750).", true),
        Some(429 | 503) => header("Retry-After", "Try again after so many seconds.", true),
        Some(409) if codes.contains(&Code::Leased) => {
            header("Retry-After", "The lease ends in so many seconds.", false);
        }
        _ => {}
    }
    json!({
        "description": description.join("\n\n"),
        "content": {
            "application/problem+json": {
                "schema": { "$ref": "#/components/schemas/Problem" },
                "examples": examples,
            },
        },
        "headers": headers,
    })
}

fn example(code: Code) -> Value {
    let error = |field: &str, message: &str| Some(json!([{ "field": field, "message": message }]));
    let errors = match code {
        Code::ValidationFailed => error("password", "must be 8 to 256 characters long"),
        Code::InvalidParameter => error("limit", "must be a whole number from 1 to 200"),
        Code::UnknownParameter => error("board", "is unknown; the known parameters are `board_id`"),
        Code::InvalidHeader => error("If-Match", etags::RULE),
        Code::InvalidCursor => error("Last-Event-ID", &InvalidCursor.to_string()),
        Code::UsernameTaken => error("username", "is taken"),
        _ => None,
    };
    let mut example = json!({
        "type": format!("/problems/{}", code.as_str()),
        "title": code.title(),
        "status": code.status(),
        "detail": "What went wrong this time, and what to do about it.",
        "code": code.as_str(),
    });
    if let Some(errors) = errors {
        example["errors"] = errors;
    }
    example
}
