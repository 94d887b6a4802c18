//! Pages of other origins.

use reqwest::{Method, Response, StatusCode};

use crate::harness::{Client, Database, Server, Transport, within};

const APP: &str = "https://app.example.org";
const DEVELOPMENT: &str = "http://localhost:5173";
const OPTIONS: [&str; 4] = ["--cors-origin", APP, "--cors-origin", DEVELOPMENT];

const PATHS: [&str; 6] = [
    "/api/v1/boards",
    "/api/v1/boards/99",
    "/api/v1/users/me",
    "/api/v1/boards?nonsense=1",
    "/sse/notifications/",
    "/none",
];

async fn ask(client: &Client, method: &Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let url = format!("{}{path}", client.url);
    let mut request = client.http().request(method.clone(), url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    within("an answer", request.send())
        .await
        .expect("an answer")
}

/// A header with all its lines as one list.
fn list(answer: &Response, name: &str) -> String {
    let values = answer.headers().get_all(name).iter();
    let values: Vec<_> = values.map(|it| it.to_str().expect("text")).collect();
    values.join(", ").to_lowercase()
}

fn allowed(answer: &Response) -> Option<&str> {
    let value = answer.headers().get("access-control-allow-origin");
    value.map(|it| it.to_str().expect("text"))
}

async fn preflight(client: &Client, path: &str, origin: &str) -> Response {
    let headers = [
        ("Origin", origin),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "authorization,if-match"),
    ];
    ask(client, &Method::OPTIONS, path, &headers).await
}

#[tokio::test]
async fn pages_of_listed_origins_may_ask_and_read() {
    let database = Database::new().await;
    for transport in Transport::all() {
        let server = transport.serve(&database, &OPTIONS).await;
        let client = transport.client(&server);
        for origin in [APP, DEVELOPMENT] {
            for path in PATHS {
                let at = format!("{path} from {origin} over {}", transport.name);
                let answer = preflight(&client, path, origin).await;
                assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{at}");
                assert_eq!(allowed(&answer), Some(origin), "{at}");
                assert_eq!(list(&answer, "access-control-max-age"), "7200", "{at}");
                let methods = list(&answer, "access-control-allow-methods");
                for method in ["get", "head", "post", "put", "delete"] {
                    assert!(methods.contains(method), "{at}: {methods}");
                }
                let headers = list(&answer, "access-control-allow-headers");
                for header in [
                    "authorization",
                    "content-type",
                    "if-match",
                    "if-none-match",
                    "last-event-id",
                    "idempotency-key",
                    "x-request-id",
                ] {
                    assert!(headers.contains(header), "{at}: {headers}");
                }
                assert!(answer.headers().contains_key("x-request-id"), "{at}");

                for method in [Method::GET, Method::HEAD] {
                    let headers = [("Origin", origin), ("Last-Event-ID", "0")];
                    let answer = ask(&client, &method, path, &headers).await;
                    assert_eq!(allowed(&answer), Some(origin), "{method} {at}");
                    let exposed = list(&answer, "access-control-expose-headers");
                    for header in [
                        "etag",
                        "location",
                        "link",
                        "last-event-id",
                        "x-request-id",
                        "ratelimit",
                        "ratelimit-policy",
                        "retry-after",
                    ] {
                        assert!(exposed.contains(header), "{at}: {exposed}");
                    }
                    // The cookie is not for them.
                    let credentials = "access-control-allow-credentials";
                    assert!(!answer.headers().contains_key(credentials), "{at}");
                    assert!(list(&answer, "vary").contains("origin"), "{at}");
                }
            }
        }
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_not() {
    let database = Database::new().await;
    for transport in Transport::all() {
        for options in [&OPTIONS[..], &[]] {
            let server = transport.serve(&database, options).await;
            let client = transport.client(&server);
            let mut origins = vec!["https://evil.example", "null", "", "http://app.example.org"];
            if options.is_empty() {
                origins.push(APP);
            }
            for path in PATHS {
                for origin in &origins {
                    let at = format!("{path} from {origin} over {}", transport.name);
                    let answer = preflight(&client, path, origin).await;
                    assert!(answer.status().is_client_error(), "{at}");
                    assert_eq!(allowed(&answer), None, "{at}");
                    let answer = ask(&client, &Method::GET, path, &[("Origin", *origin)]).await;
                    assert_eq!(allowed(&answer), None, "{at}");
                    assert_eq!(
                        list(&answer, "vary").contains("origin"),
                        !options.is_empty(),
                        "{at}"
                    );
                }
                // A cache must not keep this for others either.
                let answer = ask(&client, &Method::GET, path, &[]).await;
                assert_eq!(
                    list(&answer, "vary").contains("origin"),
                    !options.is_empty(),
                    "{path}"
                );
            }
        }
    }
}

#[tokio::test]
async fn with_a_star_any_page_may() {
    let server = Server::start_with(&["--cors-origin", "*"]).await;
    let client = server.client();
    for path in PATHS {
        for origin in ["https://any.example", "null"] {
            let answer = preflight(&client, path, origin).await;
            assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{path}");
            assert_eq!(allowed(&answer), Some("*"), "{path}");
            let answer = ask(&client, &Method::GET, path, &[("Origin", origin)]).await;
            assert_eq!(allowed(&answer), Some("*"), "{path}");
        }
    }
}

/// A browser names the origin of this server's own page with every change.
#[tokio::test]
async fn the_own_page_needs_no_permission() {
    let server = Server::start_with(&OPTIONS).await;
    let client = server.client();
    let user = server.user("ada").await;
    let answer = user
        .call(Method::POST, "/api/v1/boards")
        .header("Origin", &server.url)
        .json(&crate::harness::client::board("one"));
    let answer = answer.send().await.expect(201);
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    // An OPTIONS that is not a preflight is no special case.
    let headers = [("Origin", APP)];
    let answer = ask(&client, &Method::OPTIONS, "/api/v1/boards", &headers).await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
}
