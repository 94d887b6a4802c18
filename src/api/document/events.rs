//! Events, as generated clients and validators read them: what the framework cannot say in OpenAPI 3.0.
//!
//! An event of the log is one of several objects, which its `type` discriminates. [`OTHER`] stands for events of other
//! programs: without it a client that parses strictly would lose a whole page to one such event. Its `type` is any
//! other name, which no generator can express. So it is left out of the mapping, where OpenAPI takes the schema's own
//! name for the discriminator's value, and narrowing by a known `type` works.

use serde_json::{Map, Value, json};

use crate::api::resources::events::data::EventData;

/// The schema of events of types that are not dotcast's own.
const OTHER: &str = "OtherEvent";

/// Makes `Event`, which the framework writes as an object with any type and any data, a union that `type`
/// discriminates.
pub(super) fn discriminate(schemas: &mut Value) {
    let Some(schemas) = schemas.as_object_mut() else {
        return;
    };
    // It only ties the schemas of all kinds of data together for the framework.
    schemas.remove("EventData");
    schemas["CloudEvent"]["properties"]["data"] = json!({
        "type": "object",
        "additionalProperties": true,
        "description": "Its schema goes by `type`, as in an `Event`.",
    });
    let mut any = schemas.remove("Event").unwrap_or_default();
    let example = any["example"].take();
    if let Some(any) = any.as_object_mut() {
        any.remove("example");
    }
    let mut one_of = Vec::new();
    let mut mapping = Map::new();
    let mut add = |name: &str, schema: Value| {
        one_of.push(json!({ "$ref": reference(name) }));
        schemas.insert(name.to_owned(), schema);
    };
    for (kind, data) in EventData::KINDS {
        let name = data.replace("Data", "Event");
        let mut event = any.clone();
        event["title"] = json!(name);
        event["description"] = json!(format!("An event of the type `{kind}`."));
        event["properties"]["type"] = json!({ "type": "string", "enum": [kind] });
        event["properties"]["data"] = json!({ "$ref": reference(data) });
        if example["type"] == *kind {
            event["example"] = example.clone();
        }
        mapping.insert((*kind).to_owned(), json!(reference(&name)));
        add(&name, event);
    }
    let known: Vec<_> = EventData::KINDS.iter().map(|(kind, _)| kind).collect();
    any["title"] = json!(OTHER);
    any["description"] = json!(
        "An event of any other type: another program has appended it, or a later version of this one. \
         Ignore it."
    );
    any["properties"]["type"] = json!({ "type": "string", "not": { "enum": known } });
    any["properties"]["data"] = json!({ "type": "object", "additionalProperties": true });
    add(OTHER, any);
    let event = json!({
        "title": "Event",
        "description": "An event of the log. `type` tells which.",
        "oneOf": one_of,
        "discriminator": { "propertyName": "type", "mapping": mapping },
    });
    schemas.insert("Event".to_owned(), event);
}

/// Describes an event stream as events with fields of text, as on the wire. What the framework wrote in its place
/// are the schemas of `data`, by the type of event.
pub(super) fn describe_stream(media_type: &mut Value, schemas: &mut Value) {
    let data = media_type["schema"]["properties"].take();
    let types: Vec<_> = data.as_object().into_iter().flat_map(Map::keys).collect();
    let lines = data.as_object().into_iter().flatten().map(|(kind, data)| {
        let name = data["$ref"].as_str().unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default();
        format!("\n- `{kind}`: `{name}`")
    });
    let lines: String = lines.collect();
    schemas["StreamEvent"] = json!({
        "type": "object",
        "title": "StreamEvent",
        "description": "One event of a stream (WHATWG HTML, 9.2). Its fields are text.",
        "required": ["event", "data"],
        "properties": {
            "id": {
                "type": "string",
                "pattern": "^[0-9]{1,19}$",
                "description": "The cursor from here on: send the last one as `Last-Event-ID` to resume. \
                    An event without one leaves it as it was.",
            },
            "event": {
                "type": "string",
                "enum": types,
                "description": "What `data` is. More may come, and other programs may append types of \
                    their own: ignore what you do not know, or ask for `types`.",
            },
            "data": {
                "type": "string",
                "description": format!(
                    "A JSON object on one line. Its schema is among the components of this document, and goes by \
                     `event`:\n{lines}"
                ),
                "x-schemas": data,
            },
            "retry": {
                "type": "integer",
                "minimum": 0.0,
                "description": "How many milliseconds to wait before reconnecting.",
            },
        },
        "example": {
            "id": "42",
            "event": "newBoard",
            "data": r#"{"board_id":1,"board_name":"First board","creator_username":"ada"}"#,
        },
    });
    media_type["schema"] = json!({ "$ref": reference("StreamEvent") });
}

fn reference(schema: &str) -> String {
    format!("#/components/schemas/{schema}")
}
