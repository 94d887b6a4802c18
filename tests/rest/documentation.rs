//! What the server says about itself: the OpenAPI document, Swagger UI, the kinds of problem.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Server, contract::DOCUMENT};

#[tokio::test]
async fn the_document_is_served_as_it_is_committed() {
    let server = Server::start().await;
    for (path, content_type, committed) in [
        (
            "/openapi.json",
            "application/json",
            include_str!("../../openapi/openapi.json"),
        ),
        (
            "/openapi.yaml",
            "application/yaml",
            include_str!("../../openapi/openapi.yaml"),
        ),
        (
            "/openapi-3.2.json",
            "application/json",
            include_str!("../../openapi/openapi-3.2.json"),
        ),
        (
            "/openapi-3.2.yaml",
            "application/yaml",
            include_str!("../../openapi/openapi-3.2.yaml"),
        ),
    ] {
        let answer = crate::harness::client::http()
            .get(format!("{}{path}", server.url))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], content_type);
        let text = answer.text().await.expect("text");
        assert!(text == committed, "`make openapi` writes another {path}");
    }
}

#[tokio::test]
async fn both_forms_of_the_document_say_the_same() {
    let yaml = include_str!("../../openapi/openapi.yaml");
    let yaml: Value = serde_yaml::from_str(yaml).expect("YAML");
    assert_eq!(yaml, *DOCUMENT);
}

#[tokio::test]
async fn every_example_of_the_document_has_the_schema_it_stands_at() {
    fn visit(value: &Value, at: &str, checked: &mut usize) {
        match value {
            Value::Object(object) => {
                if let (Some(example), Some(_)) = (object.get("example"), object.get("type")) {
                    let mut schema = value.clone();
                    schema.as_object_mut().expect("an object").remove("example");
                    crate::harness::contract::validate(&schema, example, at);
                    *checked += 1;
                }
                for (name, inner) in object {
                    visit(inner, &format!("{at}/{name}"), checked);
                }
            }
            Value::Array(items) => {
                for (index, inner) in items.iter().enumerate() {
                    visit(inner, &format!("{at}/{index}"), checked);
                }
            }
            _ => {}
        }
    }
    let mut checked = 0;
    visit(&DOCUMENT["components"]["schemas"], "schemas", &mut checked);
    visit(&DOCUMENT["paths"], "paths", &mut checked);
    assert!(checked > 10, "{checked}");
    let problem = serde_json::json!({ "$ref": "#/components/schemas/Problem" });
    let examples = DOCUMENT["components"]["examples"].as_object();
    for (name, example) in examples.expect("examples") {
        crate::harness::contract::validate(&problem, &example["value"], name);
    }
}

#[tokio::test]
async fn swagger_ui_comes_from_this_server_alone() {
    let server = Server::start().await;
    let client = server.client();
    for (path, content_type) in [
        ("/docs", "text/html; charset=utf-8"),
        ("/docs/", "text/html; charset=utf-8"),
        ("/docs/page.js", "text/javascript; charset=utf-8"),
        ("/docs/swagger-ui.js", "text/javascript; charset=utf-8"),
        ("/docs/swagger-ui.css", "text/css; charset=utf-8"),
    ] {
        let file = client.get(path).await.expect(200);
        assert_eq!(file.header("content-type"), content_type, "{path}");
        assert_eq!(file.header("cache-control"), "public, max-age=300");
        assert!(!file.body.as_str().expect("text").is_empty());
    }
    let script = client.get("/docs/swagger-ui.js").await.body;
    assert!(script.as_str().unwrap().contains("SwaggerUIBundle"));

    let page = client.get("/docs").await.body;
    let page = page.as_str().expect("text");
    let code = client.get("/docs/page.js").await.body;
    let code = code.as_str().expect("text");
    for text in [page, code] {
        assert!(
            !text.contains("http:") && !text.contains("https:"),
            "{text}"
        );
        assert!(!text.contains("\"//") && !text.contains("'//"), "{text}");
    }
    // Everything that the page loads exists.
    let loaded = page
        .split(['"', '\''])
        .filter(|it| it.starts_with('/'))
        .chain(["/openapi.json"]);
    let loaded: BTreeSet<_> = loaded.collect();
    assert_eq!(loaded.len(), 4);
    for path in loaded {
        client.get(path).await.expect(200);
    }
    assert!(code.contains("\"/openapi.json\""));
}

#[tokio::test]
async fn the_type_of_every_problem_leads_to_its_description() {
    let server = Server::start().await;
    let client = server.client();
    let examples = DOCUMENT["components"]["examples"].as_object();
    for (code, example) in examples.expect("examples") {
        let problem = &example["value"];
        let path = problem["type"].as_str().expect("a path");
        assert_eq!(path, format!("/problems/{code}"));
        let shown = client.get(path).await.expect(200);
        let text = shown.body.as_str().expect("text");
        assert!(text.starts_with(&format!("{code}\n")), "{text}");
        assert!(text.contains(problem["title"].as_str().unwrap()), "{text}");
        assert!(text.contains(&problem["status"].to_string()), "{text}");
    }
    for unknown in ["/problems/nope", "/problems/Not_Found", "/problems/%00"] {
        let answer = client.get(unknown).await;
        let answer = answer.expect_problem(404, "not_found");
        let detail = answer.body["detail"].as_str().expect("text");
        assert!(detail.contains("board_not_found"), "{detail}");
    }
    let answer = client.get("/problems/%FF").await;
    answer.expect_problem(404, "not_found");
}

#[test]
fn the_document_is_what_openapi_calls_one() {
    let document: openapiv3::OpenAPI =
        serde_json::from_value(DOCUMENT.clone()).expect("an OpenAPI 3.0 document");
    assert_eq!(document.paths.paths.len(), 30);
    assert_eq!(no_nulls(&DOCUMENT, "paths"), Vec::<String>::new());
}

/// Where a document says null, apart from examples: unwanted members are omitted.
fn no_nulls(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Null => vec![at.to_owned()],
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !name.starts_with("example"))
            .flat_map(|(name, member)| no_nulls(member, &format!("{at}/{name}")))
            .collect(),
        Value::Array(items) => items.iter().flat_map(|item| no_nulls(item, at)).collect(),
        _ => Vec::new(),
    }
}
