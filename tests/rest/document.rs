//! The OpenAPI document as tools read it: what would keep generated clients from compiling, or from telling one thing
//! from another.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{
    Server,
    contract::{DOCUMENT, validate},
};

/// All operations with their methods and paths.
fn operations() -> impl Iterator<Item = (String, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, operations)| {
        let operations = operations.as_object().expect("operations");
        let named = operations.iter();
        named.map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

fn texts(value: &Value) -> BTreeSet<&str> {
    let values = value.as_array().expect("a list").iter();
    values.map(|it| it.as_str().expect("text")).collect()
}

#[test]
fn every_operation_has_what_generators_and_readers_need() {
    let mut ids = BTreeSet::new();
    for (at, operation) in operations() {
        for text in ["operationId", "summary", "description"] {
            let text = operation[text].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{at}: {operation}");
        }
        assert!(ids.insert(operation["operationId"].to_string()), "{at}");
        assert_eq!(texts(&operation["tags"]).len(), 1, "{at}");
        assert!(operation["security"].is_array(), "{at}");
        for (status, response) in operation["responses"].as_object().expect("responses") {
            assert_ne!(response["description"], "", "{at} {status}");
        }
    }
    assert_eq!(DOCUMENT["servers"], json!([{ "url": "/" }]));
}

#[test]
fn every_kind_of_problem_is_that_of_an_operation_and_stands_at_its_status() {
    let mut told = BTreeSet::new();
    for (at, operation) in operations() {
        for (status, response) in operation["responses"].as_object().expect("responses") {
            assert!(status.parse::<u16>().is_ok(), "{at}: {status}");
            let examples = &response["content"]["application/problem+json"]["examples"];
            for code in examples.as_object().into_iter().flat_map(|it| it.keys()) {
                let example = &DOCUMENT["components"]["examples"][code]["value"];
                assert_eq!(example["status"].to_string(), *status, "{at}: {code}");
                told.insert(code.as_str());
            }
        }
    }
    // No operation is meant by a request that gets one of these.
    told.extend(["method_not_allowed", "not_found"]);
    let all = DOCUMENT["components"]["examples"].as_object();
    let all: BTreeSet<_> = all.expect("examples").keys().map(String::as_str).collect();
    assert_eq!(told, all);
}

#[test]
fn whoever_needs_no_session_is_told_so() {
    let those = |applies: fn(&Value) -> bool| -> BTreeSet<_> {
        operations()
            .filter(|(_, operation)| applies(&operation["security"]))
            .map(|(_, operation)| operation["operationId"].as_str().expect("an id"))
            .collect()
    };
    let public = those(|security| *security == json!([]));
    let expected = [
        "getBoardPicturePng",
        "getBoardPictureSvg",
        "getHealth",
        "getReadiness",
        "getRegistration",
        "logIn",
        "register",
    ];
    assert_eq!(public, expected.into());
    // An option decides whether the first two need a session; the others say more with one.
    let either = those(|security| security[0] == json!({}));
    let expected = ["followEvents", "listEvents", "getBoard", "listBoards"];
    assert_eq!(either, expected.into());
}

#[test]
fn no_two_parameters_of_an_operation_are_one_name_to_a_generator() {
    for (at, operation) in operations() {
        let mut names = BTreeSet::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().expect("a name");
            let folded = name.to_lowercase().replace(['-', '_'], "");
            assert!(names.insert(folded), "{at}: {name}");
        }
    }
}

#[test]
fn fields_with_few_values_list_them() {
    let schemas = &DOCUMENT["components"]["schemas"];
    let codes = texts(&schemas["Problem"]["properties"]["code"]["enum"]);
    let examples = DOCUMENT["components"]["examples"].as_object();
    let examples = examples.expect("examples").keys().map(String::as_str);
    assert_eq!(codes, examples.collect());
    let reasons = BTreeSet::from(["expired", "ahead", "restored"]);
    for (schema, field) in [
        ("ResetData", "reason"),
        ("EventPage", "reset"),
        ("ConsumerEvents", "reset"),
        ("Consumer", "reset"),
    ] {
        let values = &schemas[schema]["properties"][field]["enum"];
        assert_eq!(texts(values), reasons, "{schema}");
    }
}

#[test]
fn the_type_of_an_event_tells_what_its_data_is() {
    let schemas = &DOCUMENT["components"]["schemas"];
    let event = &schemas["Event"];
    assert_eq!(event["discriminator"]["propertyName"], "type");
    let mapping = event["discriminator"]["mapping"].as_object();
    let mapping = mapping.expect("a mapping");
    let known: Vec<_> = mapping.keys().collect();
    assert_eq!(
        known,
        [
            "newBoard",
            "newPath",
            "boardUpdated",
            "boardDeleted",
            "boardSolved",
            "userErased"
        ]
    );
    for (kind, reference) in mapping {
        let one_of = event["oneOf"].as_array().expect("a union");
        assert!(one_of.contains(&json!({ "$ref": reference })), "{kind}");
        let name = reference.as_str().expect("a name").rsplit('/').next();
        let fields = &schemas[name.expect("a name")]["properties"];
        assert_eq!(fields["type"]["enum"], json!([kind]));
        // A stream has the same for this type.
        let streamed = &schemas["StreamEvent"]["properties"]["data"]["x-schemas"][kind];
        assert_eq!(fields["data"], *streamed, "{kind}");
    }
}

#[test]
fn an_event_of_a_stream_is_an_object_of_text() {
    let stream = &DOCUMENT["paths"]["/sse/notifications/"]["get"]["responses"]["200"]["content"];
    let schema = &stream["text/event-stream"]["schema"];
    let event = json!({ "id": "42", "event": "cursor", "data": "{\"id\":42}", "retry": 2000 });
    validate(schema, &event, "the opening");
    let fields = &DOCUMENT["components"]["schemas"]["StreamEvent"]["properties"];
    for field in ["id", "event", "data"] {
        assert_eq!(fields[field]["type"], "string", "{field}");
    }
    let schemas = fields["data"]["x-schemas"].as_object().expect("schemas");
    let described: BTreeSet<_> = schemas.keys().map(String::as_str).collect();
    assert_eq!(texts(&fields["event"]["enum"]), described);
}

/// Strict clients need this: an unknown event matches one branch of the union, and only one.
#[tokio::test]
async fn an_event_of_another_program_is_one_of_the_documented_ones() {
    let server = Server::start_with(&["--poll-interval", "50ms"]).await;
    let foreign =
        "INSERT INTO events (type, topic, payload) VALUES ('boardStarred', 1, '{\"stars\":5}')";
    server.database().execute(foreign).await;
    let ada = server.user("ada").await;
    ada.board("first").await;
    ada.until_settled(2).await;
    // The answer is checked against the document, too.
    let page = ada.get("/api/v1/events").await.expect(200).body;
    let [foreign, own] = [&page["items"][0], &page["items"][1]];
    assert_eq!(foreign["type"], "boardStarred");
    for (event, schema) in [(foreign, "OtherEvent"), (own, "NewBoardEvent")] {
        let reference = json!({ "$ref": format!("#/components/schemas/{schema}") });
        validate(&reference, event, schema);
    }
}
