//! Schemas of OpenAPI 3.0 as those of JSON Schema 2020-12, which 3.1 and later have.

use serde_json::{Map, Value, json};

use super::entries;

/// Rewrites a Schema Object and all schemas within it.
pub(super) fn modernize(schema: &mut Value) {
    let Some(keywords) = schema.as_object_mut() else {
        return;
    };
    for (keyword, value) in keywords.iter_mut() {
        match keyword.as_str() {
            "additionalProperties" | "items" | "not" => modernize(value),
            "allOf" | "anyOf" | "oneOf" => {
                let schemas = value.as_array_mut().into_iter().flatten();
                schemas.for_each(modernize);
            }
            "properties" => entries(value).for_each(|(_, property)| modernize(property)),
            _ => {}
        }
    }
    move_bounds(keywords);
    if let Some(example) = keywords.shift_remove("example") {
        keywords.insert("examples".to_owned(), json!([example]));
    }
    map_the_rest(keywords);
    if keywords.shift_remove("nullable") == Some(json!(true)) {
        *schema = or_null(std::mem::take(keywords));
    }
}

/// A boolean beside a bound said whether the bound itself is out. Now such a bound has a keyword of its own.
fn move_bounds(keywords: &mut Map<String, Value>) {
    for (bound, exclusive) in [
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ] {
        let Some(is_exclusive) = keywords.get(exclusive).and_then(Value::as_bool) else {
            continue;
        };
        keywords.shift_remove(exclusive);
        if is_exclusive && let Some(limit) = keywords.shift_remove(bound) {
            keywords.insert(exclusive.to_owned(), limit);
        }
    }
}

/// Names the one alternative that a discriminator does not map: it is for all other values. 3.0 had no word for that.
fn map_the_rest(keywords: &mut Map<String, Value>) {
    let Some(mapping) = keywords
        .get("discriminator")
        .and_then(|it| it["mapping"].as_object())
    else {
        return;
    };
    let mapped = |reference: &Value| mapping.values().any(|it| it == reference);
    let alternatives = keywords.get("oneOf").and_then(Value::as_array);
    let references = alternatives.into_iter().flatten().map(|it| &it["$ref"]);
    let rest: Vec<_> = references.filter(|it| !mapped(it)).cloned().collect();
    if let [rest] = &rest[..] {
        keywords["discriminator"]["defaultMapping"] = rest.clone();
    }
}

/// The same schema, which allows null as well.
fn or_null(mut keywords: Map<String, Value>) -> Value {
    let Some(name) = keywords.get("type").filter(|it| it.is_string()).cloned() else {
        return json!({ "anyOf": [keywords, { "type": "null" }] });
    };
    keywords["type"] = json!([name, "null"]);
    if let Some(values) = keywords.get_mut("enum").and_then(Value::as_array_mut)
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    keywords.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modern(mut schema: Value) -> Value {
        modernize(&mut schema);
        schema
    }

    #[test]
    fn null_is_a_type() {
        for (old, new) in [
            (
                json!({ "type": "string", "nullable": true }),
                json!({ "type": ["string", "null"] }),
            ),
            (
                json!({ "type": "string", "enum": ["a"], "nullable": true }),
                json!({ "type": ["string", "null"], "enum": ["a", null] }),
            ),
            (
                json!({ "$ref": "#/components/schemas/A", "nullable": true }),
                json!({ "anyOf": [{ "$ref": "#/components/schemas/A" }, { "type": "null" }] }),
            ),
            (
                json!({ "type": "string", "nullable": false }),
                json!({ "type": "string" }),
            ),
        ] {
            assert_eq!(modern(old), new);
        }
    }

    #[test]
    fn an_excluded_bound_is_a_number() {
        for (old, new) in [
            (
                json!({ "minimum": 0, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false }),
                json!({ "exclusiveMinimum": 0, "maximum": 9 }),
            ),
            (json!({ "exclusiveMaximum": true }), json!({})),
        ] {
            assert_eq!(modern(old), new);
        }
    }

    #[test]
    fn schemas_are_told_from_properties_of_the_same_names() {
        let old = json!({
            "properties": {
                "nullable": { "type": "boolean", "nullable": true },
                "example": { "type": "array", "items": { "not": { "nullable": true, "type": "string" } } },
            },
            "example": { "nullable": null, "example": [{ "nullable": true }] },
            "additionalProperties": { "allOf": [{ "type": "integer", "example": 1 }] },
        });
        let new = json!({
            "properties": {
                "nullable": { "type": ["boolean", "null"] },
                "example": { "type": "array", "items": { "not": { "type": ["string", "null"] } } },
            },
            "examples": [{ "nullable": null, "example": [{ "nullable": true }] }],
            "additionalProperties": { "allOf": [{ "type": "integer", "examples": [1] }] },
        });
        assert_eq!(modern(old), new);
    }

    #[test]
    fn one_alternative_beside_the_mapping_is_for_all_other_values() {
        let union = |names: &[&str]| {
            let one_of: Vec<_> = names.iter().map(|it| json!({ "$ref": it })).collect();
            let discriminator = json!({ "propertyName": "type", "mapping": { "a": "#A" } });
            modern(json!({ "oneOf": one_of, "discriminator": discriminator }))
        };
        let rest = |union: Value| union["discriminator"].get("defaultMapping").cloned();
        assert_eq!(rest(union(&["#A", "#Other"])), Some(json!("#Other")));
        assert_eq!(rest(union(&["#A"])), None);
        assert_eq!(rest(union(&["#A", "#B", "#C"])), None);
    }
}
