//! The OpenAPI document.
//!
//! The framework writes the routes, parameters and schemas from the code. What it cannot write is
//! completed here: the problems of each operation, the headers of every answer, examples, and that unknown
//! fields are refused. Requests are then checked against the schemas of the finished document.
//!
//! It is written in OpenAPI 3.0, and translated into 3.2.

mod closed;
mod dialect;
mod events;
mod forms;
mod headers;
mod problems;
mod spelling;
mod values;
mod version_3_2;

use serde_json::{Value, json};

use super::resources::{self, health::PROBES};

/// The document, in OpenAPI 3.0.
pub fn document() -> Value {
    // The framework offers the document only as text.
    let mut document: Value = serde_json::from_str(&resources::service().spec())
        .unwrap_or_else(|error| unreachable!("the framework writes valid JSON: {error}"));
    document["servers"] = json!([{ "url": "/" }]);
    document["components"]["examples"] = problems::examples().into();
    closed::refuse_unknown_fields(&mut document);
    let mut schemas = document["components"]["schemas"].take();
    for (path, operations) in entries(&mut document["paths"]) {
        let is_counted = !PROBES.contains(&path.as_str());
        for (method, operation) in entries(operations) {
            complete_operation(method, operation, is_counted, &mut schemas);
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

/// The document in OpenAPI 3.2.
pub fn document_3_2() -> Value {
    let mut document = document();
    version_3_2::translate(&mut document);
    document
}

/// A document as JSON, as it is committed and served.
pub fn to_json(document: &Value) -> String {
    // `{:#}` of a JSON value is indented JSON.
    format!("{document:#}\n")
}

/// A document as YAML, as it is committed and served.
pub fn to_yaml(document: &Value) -> String {
    serde_yaml::to_string(document)
        .unwrap_or_else(|error| unreachable!("YAML can say what JSON says: {error}"))
}

fn entries(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}

/// Completes an operation; `is_counted` tells whether it may be refused for being called too often.
fn complete_operation(method: &str, operation: &mut Value, is_counted: bool, schemas: &mut Value) {
    let problems = problems::responses(method, operation, is_counted);
    if let Some(security) = operation.get_mut("security").and_then(Value::as_array_mut) {
        // Where no credentials are needed, that comes first.
        security.sort_by_key(|way| *way != json!({}));
    }
    if operation.get("security").is_none() {
        // Stated, so that no reader wonders whether it was forgotten.
        operation["security"] = json!([]);
    }
    let responses = &mut operation["responses"];
    for (_, response) in entries(responses) {
        spelling::restore_header_names(response);
        forms::set_aside(response);
        if let Some(stream) = response.pointer_mut("/content/text~1event-stream") {
            events::describe_stream(stream, schemas);
        }
    }
    for (status, problem) in problems {
        responses[status.to_string()] = problem;
    }
    headers::describe(responses, is_counted);
}
