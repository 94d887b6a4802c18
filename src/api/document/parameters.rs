//! Parameters, as generated clients name them.

use serde_json::Value;

/// Leaves out each query parameter that only spells a header of the same operation in another way: `last_event_id`
/// beside `Last-Event-ID`. Generators make one name of both, and code that does not compile. The header's
/// description tells of it.
pub(super) fn keep_one_of_each(operation: &mut Value) {
    let parameters = operation.get_mut("parameters");
    let Some(parameters) = parameters.and_then(Value::as_array_mut) else {
        return;
    };
    let headers: Vec<_> = parameters
        .iter()
        .filter(|it| it["in"] == "header")
        .map(folded)
        .collect();
    parameters.retain(|it| it["in"] != "query" || !headers.contains(&folded(it)));
}

/// A parameter's name without all that languages write in different ways.
fn folded(parameter: &Value) -> String {
    let name = parameter["name"].as_str().unwrap_or_default();
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|it| it.to_ascii_lowercase()).collect()
}
