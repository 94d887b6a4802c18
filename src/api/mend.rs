//! What can still be judged of an input that does not have its schema: one mistake must not hide
//! another.

use serde_json::{Map, Value, json};

use crate::error::Violation;

/// `value` with something neutral in place of whatever the schema cannot read, so that the rules of
/// the domain can be asked about all the rest. Unknown fields are left out.
pub(super) fn mend(components: &Value, schema: &Value, value: Option<&Value>) -> Value {
    let referred = schema["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix("#/components"))
        .and_then(|pointer| components.pointer(pointer));
    let schema = referred.unwrap_or(schema);
    match schema["type"].as_str().unwrap_or_default() {
        "object" => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            let members = properties.map(|(name, schema)| {
                let member = value.and_then(|value| value.get(name));
                (name.clone(), mend(components, schema, member))
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        "array" => {
            let items = value.and_then(Value::as_array).into_iter().flatten();
            items
                .map(|item| mend(components, &schema["items"], Some(item)))
                .collect()
        }
        // Out of all bounds, so that no other field is held against it.
        "integer" => json!(value.and_then(Value::as_i64).unwrap_or(i64::MIN)),
        "string" => json!(value.and_then(Value::as_str).unwrap_or_default()),
        _ => value.cloned().unwrap_or_default(),
    }
}

/// Whether a rule of the domain is broken only because of what stands in for an `unreadable` field.
pub(super) fn is_caused_by(broken: &Violation, unreadable: &str) -> bool {
    is_within(unreadable, &broken.field)
        || is_within(&broken.field, unreadable)
        || predecessor(&broken.field).is_some_and(|before| is_within(unreadable, &before))
}

/// Whether `inner` is `outer` or a part of it: `dots[3].row` is within `dots[3]` and `dots`.
fn is_within(inner: &str, outer: &str) -> bool {
    outer.is_empty()
        || inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// `cells[2]` for `cells[3]`, which may be judged by its neighbour.
fn predecessor(field: &str) -> Option<String> {
    let (list, index) = field.strip_suffix(']')?.rsplit_once('[')?;
    let index: usize = index.parse().ok()?;
    Some(format!("{list}[{}]", index.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_replaced_and_the_rest_is_kept() {
        let components = json!({ "schemas": { "Cell": {
            "type": "object",
            "properties": { "row": { "type": "integer" } },
        } } });
        let schema = json!({
            "type": "object",
            "properties": {
                "name": { "type": "string" },
                "cells": { "type": "array", "items": { "$ref": "#/components/schemas/Cell" } },
            },
        });
        let mended = |value: Value| mend(&components, &schema, Some(&value));
        let value = json!({ "name": 1, "x": 2, "cells": [{ "row": 3 }, { "row": 0.5 }, 4] });
        let none = json!({ "row": i64::MIN });
        assert_eq!(
            mended(value),
            json!({ "name": "", "cells": [{ "row": 3 }, none, none] })
        );
        assert_eq!(mended(json!([])), json!({ "name": "", "cells": [] }));
    }

    #[test]
    fn only_what_touches_an_unreadable_field_is_caused_by_it() {
        let caused = |broken: &str| is_caused_by(&Violation::new(broken, ""), "cells[2].row");
        for broken in ["cells", "cells[2]", "cells[2].row", "cells[3]"] {
            assert!(caused(broken), "{broken}");
        }
        for broken in [
            "cell",
            "cells[1]",
            "cells[2].col",
            "cells[4]",
            "cells[3].row",
            "name",
        ] {
            assert!(!caused(broken), "{broken}");
        }
    }
}
