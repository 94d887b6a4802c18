//! Headers as browsers, proxies and other programs on the same host write them.

use reqwest::Method;

use crate::harness::{Client, Server, client::board};

const ME: &str = "/api/v1/users/me";

async fn status(client: &Client, headers: &[(&str, &str)]) -> u16 {
    let mut call = client.call(Method::GET, ME);
    for (name, value) in headers {
        call = call.header(name, value);
    }
    call.send().await.status.as_u16()
}

#[tokio::test]
async fn what_others_write_to_the_same_headers_does_not_hide_the_session() {
    let server = Server::start().await;
    let token = server.user("ada").await.token.expect("a token");
    let ended = {
        let mut client = server.client();
        client.log_in("ada").await;
        client.delete("/api/v1/sessions/current").await.expect(204);
        client.token.expect("a token")
    };
    let cookie = format!("dotcast_session={token}");
    let bearer = format!("Bearer {token}");
    let plain = server.client();
    for client in [plain.over_http_2(), plain] {
        for headers in [
            &[("Cookie", &*format!("theme=grün; {cookie}"))][..],
            &[("Cookie", &*format!("{cookie}; name=\"Zoë; x\""))],
            &[("Cookie", "theme=grün"), ("Cookie", &cookie)],
            // Of another path or domain, or of before.
            &[("Cookie", &*format!("dotcast_session={ended}; {cookie}"))],
            &[(
                "Cookie",
                &*format!("dotcast_session=; {cookie}; dotcast_session=x"),
            )],
            &[("Cookie", &*format!("__Host-dotcast_session=x; {cookie}"))],
            &[("Cookie", &*format!("__Host-{cookie}"))],
            // A proxy's own.
            &[("Authorization", "Basic YTpi"), ("Cookie", &cookie)],
            &[("Authorization", "Basic YTpi"), ("Authorization", &bearer)],
            &[
                ("Authorization", &bearer),
                ("Authorization", "Negotiate YTpi"),
            ],
        ] {
            assert_eq!(status(&client, headers).await, 200, "{headers:?}");
        }
        for headers in [
            &[("Cookie", &*format!("dotcast_session={ended}"))][..],
            &[("Authorization", "Bearer x"), ("Cookie", &cookie)],
            &[("Authorization", "Basic YTpi")],
            // Past the fourth nobody looks.
            &[(
                "Cookie",
                &*format!(
                    "{}{cookie}",
                    "dotcast_session=a; dotcast_session=b; dotcast_session=c; dotcast_session=d; "
                ),
            )],
        ] {
            assert_eq!(status(&client, headers).await, 401, "{headers:?}");
        }
    }
}

#[tokio::test]
async fn a_page_of_this_server_is_known_by_its_origin_or_by_what_the_browser_says() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let cookie = format!("dotcast_session={}", ada.token.as_deref().expect("a token"));
    let plain = server.client();
    for client in [plain.over_http_2(), plain] {
        let own = &*server.url;
        let evil = "https://evil.example";
        for (origin, site, expected) in [
            (Some(own), None, 201),
            (Some(own), Some("same-origin"), 201),
            (None, Some("same-origin"), 201),
            (None, Some("none"), 201),
            (None, None, 403),
            (None, Some("cross-site"), 403),
            (None, Some("same-site"), 403),
            (Some(own), Some("cross-site"), 403),
            (Some(own), Some("same-site"), 403),
            (Some(evil), Some("same-origin"), 403),
            (Some(evil), None, 403),
            (Some("null"), None, 403),
        ] {
            let mut call = client
                .call(Method::POST, "/api/v1/boards")
                .header("Cookie", &cookie);
            if let Some(origin) = origin {
                call = call.header("Origin", origin);
            }
            if let Some(site) = site {
                call = call.header("Sec-Fetch-Site", site);
            }
            let answer = call.json(&board("first")).send().await;
            assert_eq!(answer.status, expected, "{origin:?} {site:?}");
        }
    }
}

#[tokio::test]
async fn a_default_port_may_be_left_out_of_the_origin_or_the_host() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let cookie = format!("dotcast_session={}", ada.token.as_deref().expect("a token"));
    for (origin, host, expected) in [
        ("https://example.org", "example.org:443", 201),
        ("https://example.org:443", "example.org", 201),
        ("http://example.org", "example.org:80", 201),
        ("https://example.org:8443", "example.org", 403),
    ] {
        let answer = server
            .client()
            .call(Method::POST, "/api/v1/boards")
            .header("Cookie", &cookie)
            .header("Host", host)
            .header("Origin", origin)
            .json(&board("first"))
            .send()
            .await;
        assert_eq!(answer.status, expected, "{origin} {host}");
    }
}

#[tokio::test]
async fn logging_out_ends_the_sessions_of_both_cookies() {
    let server = Server::start().await;
    let plain = server.user("ada").await;
    let mut encrypted = server.client();
    encrypted.log_in("ada").await;
    let token = |client: &Client| client.token.clone().expect("a token");
    let cookies = format!(
        "dotcast_session={}; __Host-dotcast_session={}",
        token(&plain),
        token(&encrypted)
    );
    let ended = server
        .client()
        .call(Method::DELETE, "/api/v1/sessions/current")
        .header("X-Forwarded-Proto", "https")
        .header("Origin", &server.url)
        .header("Cookie", &cookies)
        .send()
        .await
        .expect(204);
    let forget = "__Host-dotcast_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure";
    assert_eq!(ended.header("set-cookie"), forget);
    for client in [plain, encrypted] {
        client.get(ME).await.expect_problem(401, "revoked_token");
    }
}
