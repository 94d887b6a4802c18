//! The document in OpenAPI 3.2: it says what the one in 3.0 does, with schemas of JSON Schema 2020-12. Whether it is a
//! document, schemathesis (`tests/clients`) and Redocly (`make lint`) judge.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Draft;
use serde_json::{Value, json};

use crate::harness::contract::{DOCUMENT, DOCUMENT_3_2};

/// All operations, without their schemas: ids, parameters, and the media types and headers of answers.
fn outline(document: &Value) -> BTreeMap<String, Vec<String>> {
    let names = |value: &Value| -> Vec<_> {
        let members = value.as_object().into_iter().flatten();
        members.map(|(name, _)| name.clone()).collect()
    };
    let mut outline = BTreeMap::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let mut told = vec![operation["operationId"].to_string()];
            told.push(operation["security"].to_string());
            told.extend(names(&operation["requestBody"]["content"]));
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                told.push(format!("{} in {}", parameter["name"], parameter["in"]));
            }
            for (status, answer) in operation["responses"].as_object().expect("responses") {
                told.push(status.clone());
                told.extend(names(&answer["headers"]));
                told.extend(names(&answer["content"]));
                // The other forms, which 3.0 does not name as such.
                told.extend(names(&answer["x-content"]));
            }
            outline.insert(format!("{method} {path}"), told);
        }
    }
    outline
}

/// Calls `visit` with each Schema Object and where it is.
fn visit_schemas(value: &Value, at: &str, visit: &mut impl FnMut(&Value, &str)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let at = format!("{at}/{name}");
                let is_component = at.starts_with("/components/schemas/");
                match name.as_str() {
                    _ if is_component => visit(member, &at),
                    "schema" | "itemSchema" => visit(member, &at),
                    "example" | "examples" => {}
                    _ => visit_schemas(member, &at, visit),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                visit_schemas(item, &format!("{at}/{index}"), visit);
            }
        }
        _ => {}
    }
}

#[test]
fn it_has_the_same_operations() {
    assert_eq!(DOCUMENT_3_2["openapi"], "3.2.0");
    for part in ["servers", "tags"] {
        assert_eq!(DOCUMENT_3_2[part], DOCUMENT[part]);
    }
    assert_eq!(outline(&DOCUMENT_3_2), outline(&DOCUMENT));
    let components = |document: &Value| -> BTreeSet<_> {
        let components = document["components"].as_object().expect("components");
        let named = components.iter().flat_map(|(kind, components)| {
            let names = components.as_object().expect("components").keys();
            names.map(move |name| format!("{kind}/{name}"))
        });
        named.collect()
    };
    assert_eq!(components(&DOCUMENT_3_2), components(&DOCUMENT));
}

#[test]
fn its_schemas_and_their_examples_are_of_json_schema_2020_12() {
    let (mut schemas, mut examples) = (0, 0);
    visit_schemas(&DOCUMENT_3_2, "", &mut |schema, at| {
        schemas += 1;
        if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
            panic!("{at}: {error}");
        }
        let text = schema.to_string();
        for gone in ["\"nullable\":", "\"example\":", "\"exclusiveMinimum\":true"] {
            assert!(!text.contains(gone), "{at}: {gone}");
        }
        let Some(shown) = schema["examples"].as_array() else {
            return;
        };
        let whole = json!({ "allOf": [schema], "components": DOCUMENT_3_2["components"] });
        let options = jsonschema::options().with_draft(Draft::Draft202012);
        let validator = options.build(&whole).expect("a schema");
        for example in shown {
            let errors: Vec<_> = validator.iter_errors(example).collect();
            assert!(errors.is_empty(), "{at}: {errors:?}");
            examples += 1;
        }
    });
    assert!(schemas > 500 && examples > 30, "{schemas} {examples}");
}

#[test]
fn each_event_of_the_stream_has_the_schema_that_goes_with_its_type() {
    let content = |document: &'static Value| {
        let follow = &document["paths"]["/sse/notifications/"]["get"];
        &follow["responses"]["200"]["content"]["text/event-stream"]
    };
    let expected = json!({ "itemSchema": { "$ref": "#/components/schemas/StreamEvent" } });
    assert_eq!(*content(&DOCUMENT_3_2), expected);

    let event = |document: &'static Value| &document["components"]["schemas"]["StreamEvent"];
    let named = event(&DOCUMENT)["properties"]["data"]["x-schemas"].as_object();
    let named: Vec<_> = named.expect("schemas").iter().collect();
    let alternatives = event(&DOCUMENT_3_2)["oneOf"].as_array();
    let [known @ .., other] = &alternatives.expect("alternatives")[..] else {
        panic!("there are alternatives");
    };
    let schema = |it: &Value| it["properties"]["data"]["contentSchema"].clone();
    assert_eq!(known.len(), named.len());
    for (alternative, (kind, data)) in known.iter().zip(&named) {
        assert_eq!(alternative["properties"]["event"]["const"], **kind);
        assert_eq!(schema(alternative), **data);
    }
    // And those of other programs have any type but these.
    let types: Vec<_> = named.iter().map(|(kind, _)| kind).collect();
    assert_eq!(
        other["properties"]["event"],
        json!({ "not": { "enum": types } })
    );
    assert_eq!(schema(other), json!({ "type": "object" }));
}

#[test]
fn an_event_that_the_mapping_does_not_name_is_one_of_another_program() {
    let event = &DOCUMENT_3_2["components"]["schemas"]["Event"];
    let other = "#/components/schemas/OtherEvent";
    assert_eq!(event["discriminator"]["defaultMapping"], other);
}
