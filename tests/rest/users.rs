//! Registering, and finding out who one is.

use serde_json::json;

use crate::harness::Server;

#[tokio::test]
async fn whoever_registers_can_log_in_and_is_told_who_they_are() {
    let server = Server::start().await;
    let mut client = server.client();
    let credentials = json!({ "username": "Ada_L-1", "password": "correct horse" });
    let registered = client.post("/api/v1/users", &credentials).await.expect(201);
    assert_eq!(registered.body["username"], "Ada_L-1");
    assert_eq!(registered.body["is_admin"], false);
    // Names are compared without regard to case, and shown as they were registered.
    client.log_in("ada_l-1").await;
    let location = registered.header("location");
    let me = client.get(location).await.expect(200);
    assert_eq!(me.body, registered.body);
}

#[tokio::test]
async fn a_username_is_taken_in_every_case() {
    let server = Server::start().await;
    server.user("ada").await;
    let before = server.database().counts().await;
    for name in ["ada", "ADA", "aDa"] {
        let body = json!({ "username": name, "password": "another password" });
        let answer = server
            .client()
            .post("/api/v1/users", &body)
            .await
            .expect_problem(409, "username_taken");
        assert_eq!(answer.fields(), ["username"]);
    }
    assert_eq!(server.database().counts().await, before);
}

#[tokio::test]
async fn of_two_who_want_one_name_at_once_one_gets_it() {
    let server = Server::start().await;
    let client = server.client();
    let register = async |name: &str| {
        let body = json!({ "username": name, "password": "correct horse" });
        client.post("/api/v1/users", &body).await.status.as_u16()
    };
    let (one, other) = tokio::join!(register("grace"), register("GRACE"));
    let mut both = [one, other];
    both.sort_unstable();
    assert_eq!(both, [201, 409]);
}

#[tokio::test]
async fn the_bounds_of_username_and_password_are_inside() {
    let server = Server::start().await;
    let client = server.client();
    for (username, password) in [
        ("abc".to_owned(), "8 chars.".to_owned()),
        ("x".repeat(32), "p".repeat(256)),
        // Characters count, not bytes.
        ("A-Z_09".to_owned(), "ß".repeat(256)),
        ("umlauts".to_owned(), "äöüäöüäö".to_owned()),
    ] {
        let body = json!({ "username": username, "password": password });
        client.post("/api/v1/users", &body).await.expect(201);
        client.post("/api/v1/sessions", &body).await.expect(201);
    }
}

#[tokio::test]
async fn username_and_password_out_of_bounds_are_named_at_once() {
    let server = Server::start().await;
    let client = server.client();
    let before = server.database().counts().await;
    let (long_name, long_password) = ("x".repeat(33), "p".repeat(257));
    for (username, password) in [
        ("ab", "7 chars"),
        (&*long_name, &*long_password),
        ("", ""),
        ("with space", "ß"),
        ("ümlaut", "short"),
        ("new\nline", "ääääääÄ"),
    ] {
        let body = json!({ "username": username, "password": password });
        let answer = client
            .post("/api/v1/users", &body)
            .await
            .expect_problem(422, "validation_failed");
        assert_eq!(answer.fields(), ["username", "password"], "{body}");
    }
    assert_eq!(server.database().counts().await, before);
}

#[tokio::test]
async fn no_answer_shows_a_password_or_its_hash() {
    let server = Server::start().await;
    let client = server.client();
    let good = json!({ "username": "ada", "password": "s3cret-Passphrase" });
    let answers = [
        client.post("/api/v1/users", &good).await.expect(201),
        client.post("/api/v1/users", &good).await.expect(409),
        client.post("/api/v1/sessions", &good).await.expect(201),
        client
            .post(
                "/api/v1/sessions",
                &json!({ "username": "bob", "password": "s3cret-Passphrase" }),
            )
            .await
            .expect(401),
        client
            .post(
                "/api/v1/users",
                &json!({ "username": "?", "password": { "s3cret-Passphrase": "s3cret-Passphrase" } }),
            )
            .await
            .expect(422),
        client
            .post(
                "/api/v1/users",
                &json!({ "username": "bob", "password": "s3cret-Passphrase".repeat(100) }),
            )
            .await
            .expect(422),
    ];
    for answer in answers {
        let text = format!("{answer:?}");
        assert!(!text.contains("s3cret-Passphrase"), "{text}");
        assert!(!text.contains("$argon2"), "{text}");
    }
}
