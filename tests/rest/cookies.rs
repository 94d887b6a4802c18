//! The session cookie of browsers, and what keeps other sites from using it.

use reqwest::Method;

use crate::harness::{Client, Server, client::board};

/// A browser that is logged in: it has the cookie and sends no `Authorization`.
async fn browser(server: &Server) -> (Client, String) {
    let mut client = server.user("ada").await;
    let token = client.token.take().expect("a token");
    let cookie = format!("theme=dark; dotcast_session={token}; lang=en");
    (client, cookie)
}

#[tokio::test]
async fn a_page_of_this_server_may_do_all_that_its_user_may() {
    let server = Server::start().await;
    let (client, cookie) = browser(&server).await;
    let call = |method, path: &str| {
        client
            .call(method, path)
            .header("Cookie", &cookie)
            .header("Origin", &server.url)
    };
    let created = call(Method::POST, "/api/v1/boards")
        .json(&board("first"))
        .send()
        .await
        .expect(201);
    assert_eq!(created.body["creator_username"], "ada");
    let location = created.header("location");
    call(Method::PUT, location)
        .json(&board("second"))
        .send()
        .await
        .expect(200);
    call(Method::DELETE, location).send().await.expect(204);
    // Behind a proxy that ends TLS, the schemes differ and the hosts do not.
    client
        .call(Method::DELETE, "/api/v1/sessions/current")
        .header("Cookie", &cookie)
        .header("Origin", &server.url.replace("http:", "https:"))
        .send()
        .await
        .expect(204);
    client
        .call(Method::GET, "/api/v1/users/me")
        .header("Cookie", &cookie)
        .send()
        .await
        .expect_problem(401, "revoked_token");
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing_with_the_cookie() {
    let server = Server::start().await;
    let (client, cookie) = browser(&server).await;
    let created = client
        .call(Method::POST, "/api/v1/boards")
        .header("Cookie", &cookie)
        .header("Origin", &server.url)
        .json(&board("first"))
        .send()
        .await
        .expect(201);
    let board_path = created.header("location");
    let paths_path = format!("{board_path}/paths");
    let before = server.database().counts().await;
    let longer = format!("{}0", server.url);
    let origins = [
        Some("http://evil.example"),
        Some("http://127.0.0.1"),
        Some("null"),
        Some(""),
        Some(&*longer),
        None,
    ];
    for origin in origins {
        for (method, path) in [
            (Method::POST, "/api/v1/boards"),
            (Method::PUT, board_path),
            (Method::DELETE, board_path),
            (Method::POST, &paths_path),
            (Method::DELETE, "/api/v1/paths/1"),
            (Method::DELETE, "/api/v1/sessions/current"),
        ] {
            let mut call = client.call(method, path).header("Cookie", &cookie);
            if let Some(origin) = origin {
                call = call.header("Origin", origin);
            }
            // The body is not even looked at: the caller is checked first.
            call.json(&board("changed"))
                .send()
                .await
                .expect_problem(403, "origin_mismatch");
        }
    }
    assert_eq!(server.database().counts().await, before);
    let shown = client.call(Method::GET, board_path);
    let shown = shown.header("Cookie", &cookie).send().await.expect(200);
    assert_eq!(shown.body, created.body);
    client
        .call(Method::GET, "/api/v1/users/me")
        .header("Cookie", &cookie)
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn reading_with_the_cookie_needs_no_origin() {
    let server = Server::start().await;
    let (client, cookie) = browser(&server).await;
    for origin in [None, Some("http://evil.example"), Some("null")] {
        let mut call = client
            .call(Method::GET, "/api/v1/users/me")
            .header("Cookie", &cookie);
        if let Some(origin) = origin {
            call = call.header("Origin", origin);
        }
        let me = call.send().await.expect(200);
        assert_eq!(me.body["username"], "ada");
    }
}

#[tokio::test]
async fn the_header_goes_before_the_cookie() {
    let server = Server::start().await;
    let (_, cookie) = browser(&server).await;
    let grace = server.user("grace").await;
    // A token in the header is no ambient credential, so the origin does not matter.
    let created = grace
        .call(Method::POST, "/api/v1/boards")
        .header("Cookie", &cookie)
        .header("Origin", "http://evil.example")
        .json(&board("first"))
        .send()
        .await
        .expect(201);
    assert_eq!(created.body["creator_username"], "grace");
    server
        .client()
        .call(Method::GET, "/api/v1/users/me")
        .header("Cookie", &cookie)
        .header("Authorization", "Bearer unknown")
        .send()
        .await
        .expect_problem(401, "invalid_token");
}
