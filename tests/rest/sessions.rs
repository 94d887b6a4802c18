//! Logging in and out, and every way in which a token is invalid.

use reqwest::Method;
use sea_orm::prelude::DateTimeUtc;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::harness::{Answer, Database, Server, eventually};

const ME: &str = "/api/v1/users/me";

fn credentials(username: &str, password: &str) -> Value {
    json!({ "username": username, "password": password })
}

fn assert_challenge(answer: &Answer, error: Option<&str>) {
    let expected = match error {
        Some(error) => format!("Bearer realm=\"dotcast\", error=\"{error}\""),
        None => "Bearer realm=\"dotcast\"".to_owned(),
    };
    assert_eq!(answer.header("www-authenticate"), expected);
}

#[tokio::test]
async fn logging_in_answers_a_token_and_the_same_as_a_cookie() {
    let server = Server::start_with(&["--session-lifetime", "1h"]).await;
    let mut client = server.user("ada").await;
    client.token = None;
    let login = credentials("ada", "correct horse");
    let opened = client.post("/api/v1/sessions", &login).await.expect(201);
    assert_eq!(opened.body["user"]["username"], "ada");
    let token = opened.body["token"].as_str().expect("a token");

    let mut cookie = opened.header("set-cookie").split("; ");
    assert_eq!(cookie.next(), Some(&*format!("dotcast_session={token}")));
    let mut attributes: Vec<_> = cookie.collect();
    attributes.retain(|it| !it.starts_with("Max-Age="));
    assert_eq!(attributes, ["Path=/", "HttpOnly", "SameSite=Strict"]);
    let seconds = opened.header("set-cookie").split("Max-Age=").nth(1);
    let seconds: i64 = seconds
        .and_then(|it| it.split(';').next())
        .and_then(|it| it.parse().ok())
        .expect("seconds");
    assert!((3500..=3600).contains(&seconds), "{seconds}");

    let expires_at = opened.body["expires_at"].as_str().expect("a time");
    let expires_at: DateTimeUtc = expires_at.parse().expect("a time");
    let left = (expires_at - chrono::Utc::now()).num_seconds();
    assert!((3500..=3600).contains(&left), "{left}");

    client.token = Some(token.to_owned());
    let me = client.get(ME).await.expect(200);
    assert_eq!(me.body, opened.body["user"]);
}

#[tokio::test]
async fn the_cookie_is_secure_when_the_proxy_in_front_ended_tls() {
    let server = Server::start().await;
    let mut client = server.user("ada").await;
    client.token = None;
    for (proto, secure) in [("https", true), ("HTTPS", true), ("http", false)] {
        let opened = client
            .call(Method::POST, "/api/v1/sessions")
            .header("X-Forwarded-Proto", proto)
            .json(&credentials("ada", "correct horse"))
            .send()
            .await
            .expect(201);
        let cookie = opened.header("set-cookie");
        assert_eq!(cookie.ends_with("; Secure"), secure, "{proto}: {cookie}");
        assert_eq!(cookie.starts_with("__Host-"), secure, "{proto}: {cookie}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_cannot_be_told_apart() {
    let server = Server::start().await;
    let client = server.user("ada").await;
    let before = server.database().counts().await;
    let mut bodies = Vec::new();
    for body in [
        credentials("ada", "wrong password"),
        credentials("ada", "Correct horse"),
        credentials("nobody", "correct horse"),
        // A name that could not be registered makes no difference.
        credentials("", ""),
        credentials("no such name!", "short"),
        credentials("ada\0", "correct horse"),
        credentials("ada", "correct horse\0"),
    ] {
        let answer = client
            .post("/api/v1/sessions", &body)
            .await
            .expect_problem(401, "wrong_credentials");
        assert_challenge(&answer, None);
        assert!(!answer.headers.contains_key("set-cookie"));
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert_eq!(server.database().counts().await, before);
}

#[tokio::test]
async fn logging_out_ends_this_session_at_once_and_no_other() {
    let server = Server::start().await;
    let laptop = server.user("ada").await;
    let mut phone = server.client();
    phone.log_in("ada").await;
    assert_ne!(laptop.token, phone.token);

    let ended = laptop.delete("/api/v1/sessions/current").await.expect(204);
    let forget = "dotcast_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict";
    assert_eq!(ended.header("set-cookie"), forget);
    let refused = laptop.get(ME).await.expect_problem(401, "revoked_token");
    assert_challenge(&refused, Some("invalid_token"));
    laptop
        .delete("/api/v1/sessions/current")
        .await
        .expect_problem(401, "revoked_token");
    phone.get(ME).await.expect(200);
}

#[tokio::test]
async fn a_session_ends_by_itself_when_its_time_is_over() {
    let server = Server::start_with(&["--session-lifetime", "1s"]).await;
    let client = server.user("ada").await;
    let refused = eventually("the end of the session", || async {
        let answer = client.get(ME).await;
        (answer.status != 200).then_some(answer)
    })
    .await
    .expect_problem(401, "expired_token");
    assert_challenge(&refused, Some("invalid_token"));
}

#[tokio::test]
async fn without_a_token_one_is_asked_for() {
    let server = Server::start().await;
    let answer = server
        .client()
        .get(ME)
        .await
        .expect_problem(401, "missing_token");
    assert_challenge(&answer, None);
    // Another program's cookie is not ours.
    let answer = server
        .client()
        .call(Method::GET, ME)
        .header("Cookie", "session=abc; dotcast_session2=def")
        .send()
        .await
        .expect_problem(401, "missing_token");
    assert_challenge(&answer, None);
}

#[tokio::test]
async fn an_authorization_that_opens_nothing_is_an_invalid_token() {
    let server = Server::start().await;
    let known = server.user("ada").await.token.expect("a token");
    let basic = format!("Basic {known}");
    let without_scheme = known.clone();
    let longer = format!("Bearer {known}x");
    let two = format!("Bearer {known} {known}");
    for value in [
        "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        &longer,
        &two,
        "Bearer",
        "Bearer ",
        &basic,
        &without_scheme,
        "",
    ] {
        let answer = server
            .client()
            .call(Method::GET, ME)
            .header("Authorization", value)
            .send()
            .await
            .expect_problem(401, "invalid_token");
        assert_challenge(&answer, Some("invalid_token"));
    }
    // RFC 9110, 11.1: the scheme's case does not matter.
    for scheme in ["bearer", "BEARER"] {
        server
            .client()
            .call(Method::GET, ME)
            .header("Authorization", &format!("{scheme} {known}"))
            .send()
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn neither_a_password_nor_a_token_is_kept_only_their_hashes() {
    let server = Server::start().await;
    let token = server.user("ada").await.token.expect("a token");
    let hashes: Vec<Vec<u8>> = server
        .database()
        .column("SELECT token_hash FROM sessions")
        .await;
    assert_eq!(hashes, [Sha256::digest(&token).to_vec()]);
    let hashes: Vec<String> = server
        .database()
        .column("SELECT password_hash FROM users")
        .await;
    assert_eq!(hashes.len(), 1);
    assert!(hashes[0].starts_with("$argon2id$v=19$"), "{hashes:?}");
}

#[tokio::test]
async fn neither_a_password_nor_a_token_is_anywhere_in_the_files() {
    let database = Database::sqlite();
    let server = Server::start_on(&database, &[]).await;
    let token = server.user("ada").await.token.expect("a token");
    let mut files = 0;
    for entry in database.directory().read_dir().expect("a directory") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("a file");
        files += 1;
        for secret in [&*token, "correct horse"] {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
        }
    }
    assert!(files > 0);
}
