//! The OpenAPI document.
//!
//! The framework writes the routes, parameters and schemas from the code. What it cannot write is
//! completed here: the problems that each operation has, which headers every answer has, that
//! unknown fields are refused, examples. The requests' schemas of the finished document are then
//! what requests are checked against.

mod closed;
mod events;
mod headers;
mod problems;
mod spelling;
mod values;

use chrono::{DateTime, TimeZone as _, Utc};
use serde_json::{Value, json};

use super::{problem::Code, stream};

/// Operations that need a session or none, as the server was started.
const MAYBE_FOR_USERS: [&str; 2] = [stream::OPERATION, "listEvents"];

/// Operations that need no session, and tell a little more with one.
const FOR_VIEWERS: [&str; 2] = ["listBoards", "getBoard"];

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
    document["components"]["examples"] = problems::examples().into();
    spelling::restore_stream_path(&mut document["paths"]);
    closed::refuse_unknown_fields(&mut document);
    let mut schemas = document["components"]["schemas"].take();
    for (_, operations) in entries(&mut document["paths"]) {
        for (method, operation) in entries(operations) {
            complete_operation(method, operation, &mut schemas);
        }
    }
    events::discriminate(&mut schemas);
    values::list(&mut schemas);
    if let Some(schemas) = schemas.as_object_mut() {
        schemas.sort_keys();
    }
    document["components"]["schemas"] = schemas;
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

fn complete_operation(method: &str, operation: &mut Value, schemas: &mut Value) {
    let problems = problems::responses(method, operation);
    let is_open = |id: &&str| operation["operationId"] == **id;
    if MAYBE_FOR_USERS.iter().chain(&FOR_VIEWERS).any(is_open)
        && let Some(security) = operation["security"].as_array_mut()
    {
        // No credentials are one of the ways.
        security.insert(0, json!({}));
    }
    if operation.get("security").is_none() {
        // Said, not left out: nobody has to wonder whether it was forgotten.
        operation["security"] = json!([]);
    }
    let responses = &mut operation["responses"];
    if let Some(responses) = responses.as_object_mut() {
        responses.remove("default");
    }
    for (_, response) in entries(responses) {
        spelling::restore_header_names(response);
        if let Some(stream) = response.pointer_mut("/content/text~1event-stream") {
            events::describe_stream(stream, schemas);
        }
    }
    let is_counted = problems.contains_key(&Code::RateLimited.status());
    for (status, problem) in problems {
        responses[status.to_string()] = problem;
    }
    headers::describe(responses, is_counted);
}
