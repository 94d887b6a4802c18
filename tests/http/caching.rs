//! Caches and compressing proxies between clients and the server.

use std::{net::SocketAddr, path::Path};

use crate::harness::{
    Client, Proxy, Server,
    client::{board, http},
    proxy::{Kind, replaced},
};
use reqwest::{Method, StatusCode};

/// nginx in front of this server, with more directives for HTTP.
async fn nginx(server: &Server, more: impl FnOnce(&Path) -> String) -> Proxy {
    let address = server.url.trim_start_matches("http://");
    let address: SocketAddr = address.parse().expect("an address");
    Proxy::start_with(Kind::Nginx, [address, address], |text, place| {
        let more = more(place.directory);
        replaced(&text, &[("http {\n", &format!("http {{\n{more}"))])
    })
    .await
}

/// A cache that keeps every answer for a minute unless forbidden, and says whether it answered itself.
async fn that_keeps_all(server: &Server) -> Proxy {
    nginx(server, |directory| {
        let directory = directory.display();
        format!(
            "proxy_cache_path {directory}/cache keys_zone=all:1m;\nproxy_cache all;\n\
             proxy_cache_valid any 1m;\nadd_header X-Cache $upstream_cache_status always;\n"
        )
    })
    .await
}

/// The same client, through a proxy.
fn through(proxy: &Proxy, client: &Client) -> Client {
    let mut client = client.clone();
    client.url.clone_from(&proxy.url);
    client
}

#[tokio::test]
async fn nothing_private_and_nothing_old_comes_out_of_a_cache() {
    let mut server = Server::start().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let id = ada.board("first").await;
    let path_id = ada.path(id).await;
    let nginx = that_keeps_all(&server).await;
    let (ada, bob) = (through(&nginx, &ada), through(&nginx, &bob));
    let nobody = nginx.client();

    // Lasting content is cached: it is a cache.
    for expected in ["MISS", "HIT"] {
        let file = nobody.get("/docs/page.js").await.expect(200);
        assert_eq!(file.header("x-cache"), expected);
    }

    for (client, name) in [(&ada, "ada"), (&bob, "bob"), (&ada, "ada")] {
        let me = client.get("/api/v1/users/me").await.expect(200);
        assert_eq!(me.body["username"], name);
        nobody.get("/api/v1/users/me").await.expect(401);
    }
    let paths = format!("/api/v1/boards/{id}/paths");
    for (client, count) in [(&ada, 1), (&bob, 0), (&ada, 1)] {
        let listed = client.get(&paths).await.expect(200);
        assert_eq!(listed.body["items"].as_array().expect("items").len(), count);
    }
    let path = format!("/api/v1/paths/{path_id}");
    for (client, status) in [(&ada, 200), (&bob, 404), (&nobody, 401), (&ada, 200)] {
        client.get(&path).await.expect(status);
    }

    let shown = format!("/api/v1/boards/{id}");
    for name in ["first", "second", "third"] {
        ada.put(&shown, &board(name)).await.expect(200);
        for client in [&nobody, &ada] {
            assert_eq!(client.get(&shown).await.expect(200).body["name"], name);
            let list = client.get("/api/v1/boards").await.expect(200);
            assert_eq!(list.body["items"][0]["name"], name);
        }
        let events = nobody.get("/api/v1/events").await.expect(200);
        let events = events.body["items"].as_array().expect("items").clone();
        assert_eq!(events.last().expect("some")["data"]["board_name"], name);
    }

    // Nor that something does not exist.
    let missing = format!("/api/v1/boards/{}", id + 1);
    nobody.get(&missing).await.expect(404);
    assert_eq!(ada.board("new").await, id + 1);
    nobody.get(&missing).await.expect(200);

    for path in ["/healthz", "/readyz"] {
        nobody.get(path).await.expect(200);
    }
    server.kill().await;
    for path in ["/healthz", "/readyz"] {
        let answer = http().get(format!("{}{path}", nginx.url)).send().await;
        let status = answer.expect("an answer").status();
        assert_eq!(status, StatusCode::BAD_GATEWAY, "{path}");
    }
}

#[tokio::test]
async fn a_tag_that_came_through_a_compressing_proxy_names_the_version() {
    let server = Server::start().await;
    let nginx = nginx(&server, |_| {
        "gzip on;\ngzip_types application/json;\ngzip_min_length 0;\ngzip_proxied any;\n".to_owned()
    })
    .await;
    let ada = through(&nginx, &server.user("ada").await);
    let path = format!("/api/v1/boards/{}", ada.board("first").await);
    for version in 1..4 {
        // As a browser asks. The body stays compressed, and does not matter.
        let request = http().get(format!("{}{path}", nginx.url));
        let request = request.header("Accept-Encoding", "gzip");
        let shown = request.send().await.expect("an answer");
        assert_eq!(shown.headers()["content-encoding"], "gzip");
        let tag = shown.headers()["etag"].to_str().expect("text");
        assert_eq!(tag, format!("W/\"{version}.0\""));

        let known = nginx.client().call(Method::GET, &path);
        let known = known.header("If-None-Match", tag);
        known.send().await.expect(304);
        let change = async || {
            let call = ada.call(Method::PUT, &path).header("If-Match", tag);
            call.json(&board(&format!("after {version}"))).send().await
        };
        let changed = change().await.expect(200);
        assert_eq!(changed.body["version"], version + 1);
        // And only that version.
        change().await.expect_problem(412, "stale_version");
    }
}

#[tokio::test]
async fn every_problem_and_every_file_says_how_it_may_be_kept() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let nobody = server.client();
    // Each answer is checked against the rules as it arrives.
    for (method, path, status) in [
        (Method::GET, "/nothing", 404),
        (Method::GET, "/problems/nothing", 404),
        (Method::PATCH, "/api/v1/boards", 405),
        (Method::GET, "/api/v1/boards?limit=0", 400),
        (Method::GET, "/api/v1/boards/x", 400),
        (Method::GET, "/api/v1/boards/9", 404),
        (Method::GET, "/api/v1/paths/9", 404),
        (Method::POST, "/api/v1/boards", 400),
        (Method::PUT, "/docs", 405),
        (Method::DELETE, "/healthz", 405),
        (Method::GET, "/sse/notifications/?types=x", 400),
    ] {
        ada.call(method, path).send().await.expect(status);
    }
    nobody.get("/api/v1/users/me").await.expect(401);
    let problem = nobody.get("/problems/not_found").await.expect(200);
    assert_eq!(problem.header("cache-control"), "no-cache");
    for path in [
        "/",
        "/docs",
        "/docs/swagger-ui.js",
        "/openapi.json",
        "/openapi.yaml",
        "/openapi-3.2.json",
        "/openapi-3.2.yaml",
    ] {
        for client in [&ada, &nobody] {
            client.get(path).await.expect(200);
        }
    }
    // A request with credentials is personal, even where the answer is the same for all.
    for path in ["/api/v1/boards", "/api/v1/events"] {
        for (client, expected) in [(&nobody, "no-cache"), (&ada, "private, no-cache")] {
            let answer = client.get(path).await.expect(200);
            assert_eq!(answer.header("cache-control"), expected, "{path}");
        }
    }
}
