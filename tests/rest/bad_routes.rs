//! Requests for things that do not exist: no such id, no such route, no such method.

use reqwest::Method;

use crate::harness::{
    Untouched,
    client::{board, path},
    contract::DOCUMENT,
};

#[tokio::test]
async fn an_id_that_is_no_number_is_a_wrong_parameter() {
    let untouched = Untouched::new().await;
    let routes = [
        (Method::GET, "/api/v1/boards/{id}"),
        (Method::PUT, "/api/v1/boards/{id}"),
        (Method::DELETE, "/api/v1/boards/{id}"),
        (Method::GET, "/api/v1/boards/{id}/paths"),
        (Method::POST, "/api/v1/boards/{id}/paths"),
        (Method::GET, "/api/v1/paths/{id}"),
        (Method::DELETE, "/api/v1/paths/{id}"),
    ];
    for (method, route) in routes {
        for id in [
            "x",
            "-1",
            "1.0",
            "%31x",
            "+1",
            "9223372036854775808",
            "%20",
            "%FF",
        ] {
            let mut call = untouched
                .ada
                .call(method.clone(), &route.replace("{id}", id));
            match method {
                Method::PUT => call = call.json(&board("second")),
                Method::POST => call = call.json(&path()),
                _ => {}
            }
            let answer = call.send().await.expect_problem(400, "invalid_parameter");
            assert_eq!(answer.fields(), ["id"], "{method} {route} {id}");
        }
    }
    untouched.check().await;
}

#[tokio::test]
async fn a_route_that_is_not_there_is_not_found() {
    let untouched = Untouched::new().await;
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
        for path in [
            "/nope",
            "/api",
            "/api/v1",
            "/api/v2/boards",
            "/api/v1/board",
            "/api/v1/boards/1/2",
            "/api/v1/boards/1/paths/1",
            "/sse",
            "/docs/nope.js",
            "/docs/../Cargo.toml",
            "/openapi",
            "/openapi-3.1.json",
            "//",
            "/%FF",
        ] {
            let answer = untouched.ada.call(method.clone(), path).send().await;
            answer.expect_problem(404, "not_found");
        }
    }
    untouched.check().await;
}

#[tokio::test]
async fn a_method_that_a_route_has_not_is_told_with_those_it_has() {
    let untouched = Untouched::new().await;
    let mut routes: Vec<(String, Vec<String>)> = ["/", "/docs", "/docs/page.js", "/openapi.json"]
        .into_iter()
        .chain(["/openapi.yaml", "/openapi-3.2.json"])
        .chain(["/openapi-3.2.yaml", "/problems/not_found"])
        .map(|path| (path.to_owned(), vec!["GET".to_owned()]))
        .collect();
    for (path, operations) in DOCUMENT["paths"].as_object().expect("paths") {
        let methods = operations.as_object().expect("operations").keys();
        let methods = methods.map(|it| it.to_uppercase()).collect();
        routes.push((path.replace("{id}", "1"), methods));
    }
    for (path, mut known) in routes {
        if known.iter().any(|it| it == "GET") {
            known.push("HEAD".to_owned());
        }
        known.sort_unstable();
        for method in [
            "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE",
        ] {
            if known.iter().any(|it| it == method) {
                continue;
            }
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let answer = untouched.ada.call(method.clone(), &path).send().await;
            assert_eq!(answer.status, 405, "{method} {path}: {answer:?}");
            let answer = answer.expect_problem(405, "method_not_allowed");
            let mut allowed: Vec<_> = answer.header("allow").split(", ").collect();
            allowed.sort_unstable();
            assert_eq!(allowed, known, "{method} {path}");
        }
    }
    untouched.check().await;
}
