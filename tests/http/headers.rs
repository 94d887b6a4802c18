//! What browsers are told with every answer.

use reqwest::Method;

use crate::harness::{Database, Transport, within};

/// Requests whose answers are made in as many different places.
const REQUESTS: [(Method, &str, u16); 15] = [
    (Method::GET, "/", 200),
    (Method::GET, "/docs", 200),
    (Method::GET, "/docs/page.js", 200),
    (Method::GET, "/docs/none.js", 404),
    (Method::GET, "/openapi.json", 200),
    (Method::GET, "/openapi-3.2.json", 200),
    (Method::GET, "/problems/not_found", 200),
    (Method::GET, "/healthz", 200),
    (Method::GET, "/api/v1/boards", 200),
    (Method::HEAD, "/api/v1/boards", 200),
    (Method::GET, "/api/v1/boards?x=1", 400),
    (Method::GET, "/api/v1/users/me", 401),
    (Method::PATCH, "/api/v1/boards", 405),
    (Method::GET, "/sse/notifications/", 200),
    (Method::GET, "/none", 404),
];

#[tokio::test]
async fn no_answer_is_guessed_at_framed_or_told_about() {
    let database = Database::new().await;
    for transport in Transport::all() {
        let server = transport.serve(&database, &[]).await;
        let client = transport.client(&server);
        for (method, path, status) in REQUESTS {
            let url = format!("{}{path}", server.url);
            let request = client.http().request(method.clone(), url);
            let answer = within("an answer", request.send())
                .await
                .expect("an answer");
            let at = format!("{method} {path} over {}", transport.name);
            assert_eq!(answer.status(), status, "{at}");
            let header = |name: &str| {
                let mut values = answer.headers().get_all(name).iter();
                let value = values.next().unwrap_or_else(|| panic!("{name}: {at}"));
                assert_eq!(values.next(), None, "{name}: {at}");
                value.to_str().expect("text").to_owned()
            };
            assert_eq!(header("x-content-type-options"), "nosniff", "{at}");
            assert_eq!(header("referrer-policy"), "same-origin", "{at}");
            let policy = header("content-security-policy");
            assert!(policy.contains("default-src 'none'"), "{at}: {policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{at}: {policy}");
            assert!(!policy.contains("unsafe"), "{at}: {policy}");
        }
    }
}

#[tokio::test]
async fn only_over_encrypted_connections_browsers_are_told_to_insist_on_them() {
    let database = Database::new().await;
    for transport in Transport::all() {
        for (options, told) in [(&["--hsts", "365days"][..], "max-age=31536000"), (&[], "")] {
            let server = transport.serve(&database, options).await;
            let client = transport.client(&server);
            let is_encrypted = server.url.starts_with("https:");
            // The proxy on this machine says how the client has reached it.
            for (scheme, is_secure) in [
                (None, is_encrypted),
                (Some("http"), is_encrypted),
                (Some("https"), true),
            ] {
                for (method, path, _) in REQUESTS {
                    let url = format!("{}{path}", server.url);
                    let mut request = client.http().request(method.clone(), url);
                    if let Some(scheme) = scheme {
                        request = request.header("X-Forwarded-Proto", scheme);
                    }
                    let answer = within("an answer", request.send()).await;
                    let answer = answer.expect("an answer");
                    let hsts = answer.headers().get("strict-transport-security");
                    let hsts = hsts.map(|it| it.to_str().expect("text"));
                    let expected = (is_secure && !told.is_empty()).then_some(told);
                    assert_eq!(hsts, expected, "{path}, {scheme:?}, {}", transport.name);
                }
            }
        }
    }
}
