//! The other forms of an answer that a client may ask for with `Accept`.
//!
//! A client generated from the document has one type for an answer. With several media types it would be a union of what
//! it gets and what it never asks for, so OpenAPI 3.0 names only the form that is sent by default. The one in 3.2 names
//! all.

use serde_json::Value;

use super::entries;

/// Where the other forms are meanwhile.
const OTHERS: &str = "x-content";

/// Sets all but the first aside.
pub(super) fn set_aside(response: &mut Value) {
    let content = response.get_mut("content").and_then(Value::as_object_mut);
    let Some(content) = content.filter(|it| it.len() > 1) else {
        return;
    };
    let default = content.keys().next().cloned().unwrap_or_default();
    let others = content
        .iter()
        .filter(|(name, _)| **name != default)
        .map(|(name, form)| (name.clone(), form.clone()));
    let others: Value = others.collect();
    content.retain(|name, _| *name == default);
    response[OTHERS] = others;
}

/// Puts them back.
pub(super) fn restore(response: &mut Value) {
    let others = response
        .as_object_mut()
        .and_then(|it| it.shift_remove(OTHERS));
    let Some(mut others) = others else {
        return;
    };
    for (name, form) in entries(&mut others) {
        response["content"][name] = form.take();
    }
}
