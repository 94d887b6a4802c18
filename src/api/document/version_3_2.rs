//! The document in OpenAPI 3.2, made of the one in 3.0.
//!
//! It says to programs what 3.0 says only in words: what each item of a stream is (`itemSchema`; "Sequential Media
//! Types" in the specification), and which schema the JSON in its `data` has.

use serde_json::{Map, Value, json};

use super::{dialect::modernize, entries, forms};

/// Media types that are sequences of items. The document in 3.0 has the schema of one item as that of the whole.
const SEQUENTIAL: [&str; 2] = ["text/event-stream", "application/x-ndjson"];

/// Translates a document.
pub(super) fn translate(document: &mut Value) {
    document["openapi"] = json!("3.2.0");
    // What the name says is an SPDX expression.
    let license = document["info"]["license"]["name"].clone();
    if license.is_string() {
        document["info"]["license"]["identifier"] = license;
    }
    for (_, operations) in entries(&mut document["paths"]) {
        for (_, operation) in entries(operations) {
            for (_, response) in entries(&mut operation["responses"]) {
                forms::restore(response);
                // Not by index, which would add what is missing.
                let content = response.get_mut("content");
                for (name, media_type) in content.into_iter().flat_map(entries) {
                    describe_content(name, media_type);
                }
            }
            modernize_within(operation);
        }
    }
    if let Some(event) = document.pointer_mut("/components/schemas/StreamEvent") {
        describe_data(event);
    }
    let schemas = document.pointer_mut("/components/schemas");
    for (_, schema) in schemas.into_iter().flat_map(entries) {
        modernize(schema);
    }
}

/// Describes items as such, and bytes by their type.
fn describe_content(name: &str, media_type: &mut Value) {
    let Some(members) = media_type.as_object_mut() else {
        return;
    };
    if SEQUENTIAL.contains(&name)
        && let Some(schema) = members.shift_remove("schema")
    {
        members.insert("itemSchema".to_owned(), schema);
    }
    let schema = members.get_mut("schema").and_then(Value::as_object_mut);
    if let Some(schema) = schema
        && schema.get("format").is_some_and(|it| it == "binary")
    {
        schema.shift_remove("format");
        schema.shift_remove("type");
        schema.insert("contentMediaType".to_owned(), json!(name));
    }
}

/// Translates the schemas within what is no schema itself.
fn modernize_within(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match name.as_str() {
                    "schema" | "itemSchema" => modernize(member),
                    "example" | "examples" => {}
                    _ => modernize_within(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(modernize_within),
        _ => {}
    }
}

/// Gives `data` the schema that goes with each type of event, and another to the types of other programs.
fn describe_data(event: &mut Value) {
    let properties = &mut event["properties"];
    if let Some(kind) = properties["event"].as_object_mut() {
        // The alternatives list them.
        kind.shift_remove("enum");
    }
    let Some(data) = properties["data"].as_object_mut() else {
        return;
    };
    let schemas = data.shift_remove("x-schemas").unwrap_or_default();
    data.insert(
        "description".to_owned(),
        json!("A JSON object on one line. `event` tells which."),
    );
    data.insert("contentMediaType".to_owned(), json!("application/json"));

    let schemas = schemas.as_object();
    let alternatives = schemas.into_iter().flatten().map(|(kind, schema)| {
        let name = schema["$ref"].as_str().unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default();
        alternative(
            &name.replace("Data", "StreamEvent"),
            &json!({ "const": kind }),
            schema,
        )
    });
    let mut alternatives: Vec<_> = alternatives.collect();
    let known: Vec<_> = schemas.into_iter().flat_map(Map::keys).collect();
    let mut other = alternative(
        "OtherStreamEvent",
        &json!({ "not": { "enum": known } }),
        &json!({ "type": "object" }),
    );
    other["description"] = json!(
        "An event of any other type: another program has appended it, or a later version of this one. \
         Ignore it."
    );
    alternatives.push(other);
    event["oneOf"] = alternatives.into();
}

fn alternative(title: &str, kind: &Value, data: &Value) -> Value {
    json!({
        "title": title,
        "required": ["event", "data"],
        "properties": {
            "event": kind,
            "data": { "contentMediaType": "application/json", "contentSchema": data },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_ndjson_is_an_item() {
        let mut document = json!({
            "paths": { "/events": { "get": { "responses": { "200": { "content": {
                "application/json": { "schema": { "type": "array", "nullable": true } },
                "application/x-ndjson": {
                    "schema": { "$ref": "#/components/schemas/Event" },
                    "example": "{\"schema\":{\"nullable\":true}}\n",
                },
                "image/png": { "schema": { "type": "string", "format": "binary" } },
            } }, "204": {} } } } },
        });
        translate(&mut document);
        let responses = &document["paths"]["/events"]["get"]["responses"];
        let expected = json!({
            "application/json": { "schema": { "type": ["array", "null"] } },
            "application/x-ndjson": {
                "itemSchema": { "$ref": "#/components/schemas/Event" },
                "example": "{\"schema\":{\"nullable\":true}}\n",
            },
            "image/png": { "schema": { "contentMediaType": "image/png" } },
        });
        assert_eq!(responses["200"]["content"], expected);
        assert_eq!(responses["204"], json!({}));
    }
}
