//! The OpenAPI document.
//!
//! The framework writes the routes, parameters and schemas from the code. What it cannot write is
//! completed here: the problems that each operation has, which headers every answer has, that
//! unknown fields are refused, examples. The requests' schemas of the finished document are then
//! what requests are checked against.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeZone as _, Utc};
use serde_json::{Map, Value, json};

use super::{params, problem::Code, stream};
use crate::events::cursor::InvalidCursor;

/// The time that examples show.
pub(super) fn example_time() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 1, 12, 0, 0)
        .single()
        .unwrap_or(DateTime::UNIX_EPOCH)
}

/// The document.
pub fn document() -> Value {
    // The framework offers the document only as text.
    let mut document: Value = serde_json::from_str(&super::service().spec())
        .unwrap_or_else(|error| unreachable!("the framework writes valid JSON: {error}"));
    document["servers"] = json!([{ "url": "/" }]);
    for code in Code::ALL {
        let example = json!({ "summary": code.title(), "value": problem_example(*code) });
        document["components"]["examples"][code.as_str()] = example;
    }
    restore_stream_path(&mut document["paths"]);
    refuse_unknown_fields(&mut document);
    for (_, operations) in entries(&mut document["paths"]) {
        for (method, operation) in entries(operations) {
            complete_operation(method, operation);
        }
    }
    document
}

/// The document as JSON, as it is committed and served.
pub fn to_json(document: &Value) -> String {
    // `{:#}` of a JSON value is indented JSON.
    format!("{document:#}\n")
}

/// The document as YAML, as it is committed and served.
///
/// # Errors
/// None that a JSON value can cause.
pub fn to_yaml(document: &Value) -> Result<String, serde_yaml::Error> {
    serde_yaml::to_string(document)
}

fn entries(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}

fn complete_operation(method: &str, operation: &mut Value) {
    let codes = codes(method, operation);
    let responses = &mut operation["responses"];
    if let Some(responses) = responses.as_object_mut() {
        responses.remove("default");
    }
    for (_, response) in entries(responses) {
        restore_header_names(response);
        if let Some(stream) = response.pointer_mut("/content/text~1event-stream") {
            stream["example"] = json!(STREAM_EXAMPLE);
        }
    }
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(code);
    }
    for (status, codes) in by_status {
        responses[status.to_string()] = problem_response(&codes);
    }
    for (_, response) in entries(responses) {
        response["headers"]["X-Request-Id"] = json!({
            "description": "The request in the server's log. A request may bring its own.",
            "required": true,
            "schema": { "type": "string" },
        });
    }
}

/// The problems that an operation has: most follow from what it takes.
fn codes(method: &str, operation: &Value) -> Vec<Code> {
    let mut codes = vec![Code::Internal, Code::Unavailable];
    let parameters = operation["parameters"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let has = |name: &str| parameters.iter().any(|it| it["name"] == name);
    let plain = [
        "Last-Event-ID",
        "last_event_id",
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
        codes.extend([Code::InvalidHeader, Code::StaleVersion]);
    }
    if has("If-None-Match") {
        codes.push(Code::InvalidHeader);
    }
    if has("Idempotency-Key") {
        codes.extend([Code::InvalidHeader, Code::IdempotencyMismatch]);
    }
    if operation.get("security").is_some() {
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
            Code::RateLimited,
        ]);
    }
    codes.extend_from_slice(
        match operation["operationId"].as_str().unwrap_or_default() {
            "register" => &[Code::UsernameTaken],
            "logIn" => &[Code::WrongCredentials],
            "getBoard" | "listPaths" | "createPath" => &[Code::BoardNotFound],
            "replaceBoard" | "deleteBoard" => &[Code::BoardNotFound, Code::NotBoardOwner],
            "getPath" | "deletePath" => &[Code::PathNotFound],
            _ => &[],
        },
    );
    codes
}

fn problem_response(codes: &[Code]) -> Value {
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
    let mut header = |name: &str, description: &str| {
        let header = json!({
            "description": description,
            "required": true,
            "schema": { "type": "string" },
        });
        headers.insert(name.to_owned(), header);
    };
    match codes.first().map(|code| code.status()) {
        Some(401) => header("WWW-Authenticate", "How to authenticate (RFC 6750)."),
        Some(429 | 503) => header("Retry-After", "Try again after so many seconds."),
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

fn problem_example(code: Code) -> Value {
    let error = |field: &str, message: &str| Some(json!([{ "field": field, "message": message }]));
    let errors = match code {
        Code::ValidationFailed => error("password", "must be 8 to 256 characters long"),
        Code::InvalidParameter => error("limit", "must be a whole number from 1 to 200"),
        Code::InvalidHeader => error("If-Match", params::tags::RULE),
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

const STREAM_EXAMPLE: &str = "\
: dotcast
retry: 2000
id: 41
event: cursor
data: {\"id\":41}

id: 42
event: newBoard
data: {\"board_id\":1,\"board_name\":\"First board\",\"creator_username\":\"ada\"}

: keep-alive

id: 43
event: newPath
data: {\"path_id\":1,\"board_id\":1,\"board_name\":\"First board\",\"user_username\":\"grace\"}

";

/// The framework drops the slash at a path's end.
fn restore_stream_path(paths: &mut Value) {
    let Some(paths) = paths.as_object_mut() else {
        return;
    };
    let old = std::mem::take(paths);
    for (path, operations) in old {
        let is_stream = stream::PATH.strip_suffix('/') == Some(&path);
        let path = if is_stream {
            stream::PATH.to_owned()
        } else {
            path
        };
        paths.insert(path, operations);
    }
}

/// The framework writes header names in capitals. They mean the same, but nobody writes them so.
fn restore_header_names(response: &mut Value) {
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
            "Location",
            "Set-Cookie",
            "X-Accel-Buffering",
        ];
        let known = known.into_iter().find(|it| it.eq_ignore_ascii_case(&name));
        headers.insert(known.map_or(name, str::to_owned), header);
    }
}

/// Marks every schema that a request's body is made of as closed.
fn refuse_unknown_fields(document: &mut Value) {
    let mut open: Vec<String> = Vec::new();
    for (_, operations) in entries(&mut document["paths"]) {
        for (_, operation) in entries(operations) {
            if let Some(body) = operation.get("requestBody") {
                collect_references(body, &mut open);
            }
        }
    }
    let mut closed = Vec::new();
    while let Some(name) = open.pop() {
        if closed.contains(&name) {
            continue;
        }
        let schema = &mut document["components"]["schemas"][&name];
        if schema["type"] == "object" {
            schema["additionalProperties"] = json!(false);
        }
        collect_references(schema, &mut open);
        closed.push(name);
    }
}

fn collect_references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let name = object
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| reference.strip_prefix("#/components/schemas/"));
            names.extend(name.map(str::to_owned));
            object.values().for_each(|it| collect_references(it, names));
        }
        Value::Array(items) => items.iter().for_each(|it| collect_references(it, names)),
        _ => {}
    }
}
