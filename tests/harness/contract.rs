//! The OpenAPI document, and whether answers conform to it.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use jsonschema::{Draft, Validator};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, keeping};

/// The committed document.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../openapi/openapi.json")).expect("JSON")
});

/// The same in OpenAPI 3.2.
pub static DOCUMENT_3_2: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../openapi/openapi-3.2.json")).expect("JSON")
});

/// The document's schemas in the dialect of the validator.
static COMPONENTS: LazyLock<Value> = LazyLock::new(|| {
    let mut components = DOCUMENT["components"].clone();
    translate_nullable(&mut components);
    components
});

/// By schema, one for each version of the document.
static VALIDATORS: LazyLock<Mutex<HashMap<String, Vec<Validator>>>> = LazyLock::new(Mutex::default);

/// The operation that a request calls, if the document has it.
pub fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next().unwrap_or_default();
    let operations = DOCUMENT["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .find(|(template, _)| matches(template, path))?
        .1;
    operations.get(method.as_str().to_lowercase())
}

/// Asserts that the document is true of an answer: its status, the type and shape of its body, its headers, and for a
/// problem its code.
pub fn check(method: &Method, path: &str, answer: &Answer) {
    keeping::check(method, path, answer);
    let Some(operation) = operation(method, path) else {
        return;
    };
    let at = format!("{method} {path}: {} {}", answer.status, answer.body);
    let response = &operation["responses"][answer.status.as_str()];
    assert!(
        response.is_object(),
        "the document does not know the status: {at}"
    );
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        if header["required"] == true {
            assert!(answer.headers.contains_key(name), "{name} is missing: {at}");
        }
    }
    let Some(content) = response["content"].as_object().filter(|it| !it.is_empty()) else {
        assert_eq!(answer.body, "", "the document knows no body: {at}");
        return;
    };
    let content_type = answer.header("content-type");
    let media_type = content
        .get(content_type)
        .unwrap_or_else(|| panic!("the document does not know {content_type}: {at}"));
    if let Some(examples) = media_type["examples"].as_object() {
        let code = answer.body["code"].as_str().expect("a code");
        assert!(
            examples.contains_key(code),
            "the document does not know {code} here: {at}"
        );
    }
    if content_type.ends_with("json") {
        validate(&media_type["schema"], &answer.body, &at);
    }
}

/// Asserts that the document is true of an event of a stream, given as its fields. Types that other programs append
/// are not checked.
pub fn check_event(fields: &Value) {
    let kind = fields["event"].as_str().expect("a type");
    let stream = &DOCUMENT["components"]["schemas"]["StreamEvent"]["properties"];
    let Some(schema) = stream["data"]["x-schemas"].get(kind) else {
        let reserved = dotcast_log::event::RESERVED_KINDS.contains(&kind);
        assert!(!reserved, "the document does not know the event {kind}");
        return;
    };
    let event = json!({ "$ref": "#/components/schemas/StreamEvent" });
    validate(&event, fields, kind);
    let data = fields["data"].as_str().expect("data");
    validate(schema, &serde_json::from_str(data).expect("JSON"), kind);
}

/// Asserts that a value conforms to this component of the document.
pub fn conforms(component: &str, value: &Value) {
    let reference = json!({ "$ref": format!("#/components/schemas/{component}") });
    validate(&reference, value, component);
}

/// Asserts that a value conforms to a schema of the document. If that refers to a component, the value conforms to the
/// one in OpenAPI 3.2, too.
pub fn validate(schema: &Value, value: &Value, at: &str) {
    // The lock is released before anything is asserted, so that one test's failure is not every test's.
    let errors: Vec<_> = {
        let mut validators = VALIDATORS.lock().unwrap();
        let validators = validators.entry(schema.to_string()).or_insert_with(|| {
            let mut whole = json!({ "allOf": [schema], "components": *COMPONENTS });
            translate_nullable(&mut whole["allOf"]);
            let mut validators = vec![compile(&whole, Draft::Draft4)];
            if schema.get("$ref").is_some() {
                let components = &DOCUMENT_3_2["components"];
                let whole = json!({ "allOf": [schema], "components": components });
                validators.push(compile(&whole, Draft::Draft202012));
            }
            validators
        });
        validators
            .iter()
            .flat_map(|it| it.iter_errors(value))
            .map(|error| error.to_string())
            .collect()
    };
    assert!(errors.is_empty(), "{errors:?}: {at}");
}

fn compile(schema: &Value, draft: Draft) -> Validator {
    let options = jsonschema::options().with_draft(draft);
    options.build(schema).expect("a schema")
}

fn matches(template: &str, path: &str) -> bool {
    let template: Vec<_> = template.trim_end_matches('/').split('/').collect();
    let path: Vec<_> = path.trim_end_matches('/').split('/').collect();
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
}

/// OpenAPI 3.0 writes `nullable: true` where JSON Schema has a second type.
fn translate_nullable(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.remove("nullable") == Some(json!(true)) {
                let inner = Value::Object(std::mem::take(object));
                object.insert("anyOf".to_owned(), json!([inner, { "type": "null" }]));
            }
            object.values_mut().for_each(translate_nullable);
        }
        Value::Array(items) => items.iter_mut().for_each(translate_nullable),
        _ => {}
    }
}
