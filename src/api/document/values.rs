//! Fields of text with a few known values. Later versions may add some, as the description of each field says.

use dotcast_log::frame::{ByeReason, ResetReason};
use serde_json::{Value, json};

use crate::api::problem::Code;

/// Lists the values of such fields in their schemas.
pub(super) fn list(schemas: &mut Value) {
    let reasons: Vec<_> = ResetReason::ALL.iter().map(|it| it.as_str()).collect();
    let byes: Vec<_> = ByeReason::ALL.iter().map(|it| it.as_str()).collect();
    let codes: Vec<_> = Code::ALL.iter().map(|it| it.as_str()).collect();
    for (schema, field, values) in [
        ("Problem", "code", codes),
        ("ResetData", "reason", reasons.clone()),
        ("EventPage", "reset", reasons.clone()),
        ("ConsumerEvents", "reset", reasons.clone()),
        ("Consumer", "reset", reasons),
        ("ByeData", "reason", byes),
    ] {
        schemas[schema]["properties"][field]["enum"] = json!(values);
    }
}
