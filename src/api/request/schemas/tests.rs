//! What is read is what the document's schemas allow, as another program judges it, and never at a price.

use std::sync::LazyLock;

use jsonschema::{Draft, Validator};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Schemas, Unfit};
use crate::{api::document::document, error::Violations};

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);
static SCHEMAS: LazyLock<Schemas> =
    LazyLock::new(|| Schemas::compile(&DOCUMENT).expect("schemas that are checked"));

/// The inputs' names, and what else judges them.
static JUDGES: LazyLock<Vec<(&str, Validator)>> = LazyLock::new(|| {
    let names = SCHEMAS.shapes.keys();
    names
        .map(|name| {
            let mut schema = json!({
                "$ref": format!("#/components/schemas/{name}"),
                "components": DOCUMENT["components"],
            });
            bound_integers(&mut schema);
            // What OpenAPI 3.0 calls a schema comes closest to this draft.
            let options = jsonschema::options().with_draft(Draft::Draft4);
            (name.as_str(), options.build(&schema).expect("a schema"))
        })
        .collect()
});

/// Writes out what `int64` means, which a draft before OpenAPI does not know.
fn bound_integers(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("format").is_some_and(|it| it == "int64") {
                members.entry("maximum").or_insert(json!(i64::MAX));
            }
            members.values_mut().for_each(bound_integers);
        }
        Value::Array(items) => items.iter_mut().for_each(bound_integers),
        _ => {}
    }
}

/// How many violations there are, or `None` when it cannot be read at all.
fn broken(name: &str, text: &str) -> Option<Vec<(String, String)>> {
    match SCHEMAS.read(name, text.as_bytes()) {
        Ok(_) => Some(Vec::new()),
        Err(Unfit::Shape(broken)) => Some(
            broken
                .into_iter()
                .map(|it| (it.field, it.message))
                .collect(),
        ),
        Err(Unfit::Syntax(_)) => None,
    }
}

/// JSON of any shape, in which the names and the bounds of the inputs are likely.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-2_i64..60).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(3.0)),
        "[a-z#0-9_]{0,9}".prop_map(Value::from),
        "#[0-9a-fA-F]{6}".prop_map(Value::from),
        "[aé🟣]{254,258}".prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let name = prop_oneof![
            9 => prop::sample::select(vec![
                "name", "rows", "cols", "dots", "row", "col", "color", "cells", "username", "password",
            ])
            .prop_map(str::to_owned),
            1 => ".*",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(name, inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A good input in which one value, wherever it stands, may be another.
fn nearly_good() -> impl Strategy<Value = Value> {
    let good: Vec<Value> = JUDGES
        .iter()
        .filter_map(|(name, _)| {
            DOCUMENT["components"]["schemas"][name]
                .get("example")
                .cloned()
        })
        .collect();
    (
        prop::sample::select(good),
        any::<prop::sample::Index>(),
        prop::option::of(json()),
    )
        .prop_map(|(mut value, at, other)| {
            if let Some(other) = other {
                let mut places = Vec::new();
                pointers(&value, String::new(), &mut places);
                let place = at.get(&places);
                *value.pointer_mut(place).expect("a place") = other;
            }
            value
        })
}

fn pointers(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                pointers(inner, format!("{at}/{name}"), all);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                pointers(inner, format!("{at}/{index}"), all);
            }
        }
        _ => {}
    }
    all.push(at);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_read_has_its_schema_and_what_has_it_is_read(
        value in prop_oneof![json(), nearly_good()],
    ) {
        let text = value.to_string();
        for (name, judge) in JUDGES.iter() {
            let broken = broken(name, &text).expect("JSON");
            prop_assert_eq!(broken.is_empty(), judge.is_valid(&value), "{} {:?}", name, broken);
            if broken.is_empty() {
                prop_assert_eq!(SCHEMAS.read(name, text.as_bytes()).ok(), Some(value.clone()));
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_more_is_made_than_is_told(
        item in json(),
        count in 0_usize..3000,
        list in prop::sample::select(vec!["dots", "cells"]),
    ) {
        let text = json!({ list: vec![item; count] }).to_string();
        for (name, _) in JUDGES.iter() {
            let broken = broken(name, &text).expect("JSON");
            prop_assert!(broken.len() <= Violations::MAX);
            let size: usize = broken.iter().map(|(field, message)| field.len() + message.len()).sum();
            prop_assert!(size <= Violations::MAX * 400, "{}", size);
        }
    }
}

#[test]
fn what_was_sent_is_not_repeated_at_length() {
    let name = "n".repeat(1 << 20);
    let text = json!({ name: 1, "username": "u".repeat(1 << 19), "password": 1 }).to_string();
    let broken = broken("NewUser", &text).expect("JSON");
    assert_eq!(
        broken,
        [
            (format!("{}…", "n".repeat(64)), "is not a known field"),
            ("username".to_owned(), "must be 3 to 32 characters long"),
            ("password".to_owned(), "must be of the type string"),
        ]
        .map(|(field, message)| (field, message.to_owned()))
    );
}

#[test]
fn two_fields_of_one_name_are_one_too_many() {
    let text = r#"{"username":"ada","password":"correct horse","username":"ada","username":1}"#;
    let broken = broken("NewUser", text).expect("JSON");
    let twice = ("username".to_owned(), "is given more than once".to_owned());
    assert_eq!(broken, [twice]);
}

#[test]
fn what_is_passed_over_must_still_be_json() {
    let items = "{},".repeat(600_000);
    for (start, end) in [("{\"dots\":[", "1]}"), ("{\"x\":[", "1]}"), ("[", "1]")] {
        assert!(broken("NewBoard", &format!("{start}{items}{end}")).is_some());
        for bad in ["]}", "1}", "1]}}", "1e]}", "\"\\x\"]}"] {
            assert!(broken("NewBoard", &format!("{start}{items}{bad}")).is_none());
        }
    }
    assert!(SCHEMAS.read("NewBoard", b"{\"x\":\"\xff\"}").is_err());
}

#[test]
fn a_schema_that_asks_for_more_than_is_checked_is_refused() {
    let with = |property: Value| {
        let schema = json!({ "type": "object", "additionalProperties": false, "properties": { "x": property } });
        Schemas::compile(&json!({ "components": { "schemas": { "It": schema } } })).map(|_| ())
    };
    assert_eq!(with(json!({ "type": "boolean", "nullable": true })), Ok(()));
    for more in [
        json!({ "type": "string", "format": "date" }),
        json!({ "type": "array", "items": { "type": "string" }, "uniqueItems": true }),
        json!({ "type": "integer", "format": "int64", "multipleOf": 2 }),
        json!({ "type": "integer", "format": "int32" }),
        json!({ "type": "object", "properties": {} }),
        json!({ "type": "number" }),
        json!({ "type": "string", "pattern": "(" }),
        json!({ "oneOf": [{ "type": "string" }] }),
        json!({ "$ref": "#/components/schemas/It" }),
    ] {
        assert!(with(more.clone()).is_err(), "{more}");
    }
}

#[test]
fn a_number_that_is_too_large_for_its_format_is_told_so() {
    let told = |after: u64| broken("ConsumerSettings", &json!({ "after": after }).to_string());
    let most = i64::MAX.cast_unsigned();
    assert_eq!(told(most), Some(vec![]));
    let message = "must be from 0 to 9223372036854775807".to_owned();
    assert_eq!(told(most + 1), Some(vec![("after".to_owned(), message)]));
}
