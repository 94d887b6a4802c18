//! Schemas of requests, which refuse unknown fields.

use serde_json::{Value, json};

use super::entries;

/// Closes every schema that is part of a request's body.
pub(super) fn refuse_unknown_fields(document: &mut Value) {
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
