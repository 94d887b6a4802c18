//! Query parameters that an operation does not have.

use reqwest::Method;
use serde_json::Value;

use crate::harness::{Client, Untouched, contract::DOCUMENT};

/// Every operation with its query parameters.
fn operations() -> Vec<(Method, String, Vec<&'static str>)> {
    let mut all = Vec::new();
    for (path, operations) in DOCUMENT["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            let parameters = operation["parameters"].as_array();
            let parameters = parameters.map_or(&[][..], Vec::as_slice);
            let names = parameters
                .iter()
                .filter(|it| it["in"] == "query")
                .map(|it| it["name"].as_str().expect("a name"));
            all.push((method, path.replace("{id}", "1"), names.collect()));
        }
    }
    all
}

/// Asserts that the operation refuses this query because of these parameters.
async fn refused(
    client: &Client,
    method: &Method,
    path: &str,
    query: &str,
    names: &[&str],
) -> String {
    let path = format!("{path}?{query}");
    let answer = client.call(method.clone(), &path).send().await;
    let answer = answer.expect_problem(400, "unknown_parameter");
    assert_eq!(answer.fields(), names, "{method} {path}");
    let message = |error: &Value| error["message"].as_str().expect("a message").to_owned();
    message(&answer.body["errors"][0])
}

#[tokio::test]
async fn every_operation_refuses_a_parameter_that_it_does_not_have() {
    let untouched = Untouched::new().await;
    for client in [&untouched.ada, &untouched.ada.over_http_2()] {
        for (method, path, known) in operations() {
            let unknown = [&known[..], &["nonsense"]].concat().join("=1&");
            let message = refused(client, &method, &path, &unknown, &["nonsense"]).await;
            for name in &known {
                assert!(message.contains(&format!("`{name}`")), "{message}");
                let query = format!("{}=1", name.to_uppercase());
                refused(client, &method, &path, &query, &[&name.to_uppercase()]).await;
            }
        }
    }
    untouched.check().await;
}

/// The ones that clients have been seen to send, each in good faith.
#[tokio::test]
async fn a_stream_refuses_what_would_filter_nothing_and_resume_nowhere() {
    let untouched = Untouched::new().await;
    for client in [&untouched.ada, &untouched.ada.over_http_2()] {
        for path in ["/sse/notifications/", "/sse/notifications"] {
            for name in [
                "type",
                "board",
                "lasteventid",
                "Last-Event-ID",
                "last-event-id",
                "from",
                "",
            ] {
                let query = format!("types=newBoard&{name}=1");
                let message = refused(client, &Method::GET, path, &query, &[name]).await;
                for known in ["last_event_id", "lastEventId", "types", "board_id"] {
                    assert!(message.contains(&format!("`{known}`")), "{message}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_repeated_of_unknown_parameters_is_bounded() {
    let untouched = Untouched::new().await;
    let names: Vec<_> = (0..100).map(|number| format!("x{number}")).collect();
    let query = names.join("=1&");
    let first: Vec<_> = names[..10].iter().map(String::as_str).collect();
    refused(
        &untouched.ada,
        &Method::GET,
        "/api/v1/boards",
        &query,
        &first,
    )
    .await;
    let long = "é".repeat(1000);
    let query = format!("{long}={long}");
    let kept = "é".repeat(64);
    refused(
        &untouched.ada,
        &Method::GET,
        "/api/v1/boards",
        &query,
        &[&kept],
    )
    .await;
}

#[tokio::test]
async fn the_head_of_an_answer_needs_the_same_parameters() {
    let untouched = Untouched::new().await;
    for (query, status) in [("limit=1", 200), ("LIMIT=1", 400)] {
        let path = format!("/api/v1/boards?{query}");
        for client in [&untouched.ada, &untouched.ada.over_http_2()] {
            let answer = client.call(Method::HEAD, &path).send().await;
            assert_eq!(answer.expect(status).body, "");
        }
    }
}
