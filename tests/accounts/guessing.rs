//! Clients that guess passwords, and others that log in meanwhile.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
};

use reqwest::Method;
use tokio::task::JoinSet;

use super::{credentials, retry_after, try_log_in};
use crate::{
    harness::{Server, eventually, within},
    metrics::page::hits,
};

const RIGHT: &str = "correct horse";
const GUESSER: &str = "203.0.113.7";
const OTHER: &str = "203.0.113.8";

#[tokio::test]
async fn a_client_that_guesses_is_refused_for_a_while_and_then_heard_again() {
    let server = Server::start().await;
    server.user("ada").await;
    let plain = server.client();
    let versions = [("203.0.113.1", plain.over_http_2()), (GUESSER, plain)];
    for (guesser, client) in versions {
        for name in ["ada", "ADA", "nobody", "no such name", "grace"] {
            try_log_in(&client, guesser, name, "wrong password")
                .await
                .expect_problem(401, "wrong_credentials");
        }
        // On a slow machine the first delay may be over before the next guess comes. Each further one is longer.
        let refused = eventually("a refusal of either password", || async {
            let wrong = try_log_in(&client, guesser, "ada", "wrong password").await;
            let right = try_log_in(&client, guesser, "ada", RIGHT).await;
            (wrong.status == 429 && right.status == 429).then_some([wrong, right])
        })
        .await;
        for refused in refused {
            let refused = refused.expect_problem(429, "rate_limited");
            assert!([1, 2, 4].contains(&retry_after(&refused)));
        }
        assert!(hits(&server, "passwords").await >= 2);
        try_log_in(&client, OTHER, "ada", RIGHT).await.expect(201);
        eventually("the end of the delay", || async {
            let answer = try_log_in(&client, guesser, "ada", RIGHT).await;
            (answer.status == 201).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn delays_grow() {
    let server = Server::start().await;
    let client = server.client();
    let mut delays = Vec::new();
    let grow = async {
        while delays.last().is_none_or(|&it| it < 4) {
            let answer = try_log_in(&client, GUESSER, "ada", "wrong password").await;
            if answer.status == 429 {
                let delay = retry_after(&answer);
                // It decreases as it runs out; the next delay is longer than any before.
                if delays.last().is_none_or(|&it| it < delay) {
                    delays.push(delay);
                }
            }
        }
    };
    within("a delay of 4 s", grow).await;
    // On a slow machine the first may be over before the next guess comes. Unit tests know them all.
    assert!(delays.len() > 1, "{delays:?}");
}

#[tokio::test]
async fn honest_log_ins_are_answered_while_one_client_guesses_on_160_connections() {
    let server = Server::start().await;
    server.user("ada").await;
    let stop = Arc::new(AtomicBool::new(false));
    let (checked, refused) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let mut guessers = JoinSet::new();
    for _ in 0..160 {
        // Each with a connection of its own.
        let client = server.client();
        let (stop, checked, refused) = (
            Arc::clone(&stop),
            Arc::clone(&checked),
            Arc::clone(&refused),
        );
        guessers.spawn(async move {
            while !stop.load(Relaxed) {
                let answer = try_log_in(&client, GUESSER, "ada", "wrong password").await;
                let counter = if answer.status == 401 {
                    &checked
                } else {
                    &refused
                };
                assert!([401, 429].contains(&answer.status.as_u16()), "{answer:?}");
                counter.fetch_add(1, Relaxed);
            }
        });
    }
    eventually("all of them", || async {
        (refused.load(Relaxed) > 320).then_some(())
    })
    .await;
    let honest = server.client();
    for _ in 0..20 {
        try_log_in(&honest, OTHER, "ada", RIGHT).await.expect(201);
        honest.get("/healthz").await.expect(200);
    }
    assert!(hits(&server, "passwords_per_client").await >= 1);
    stop.store(true, Relaxed);
    while let Some(ended) = guessers.join_next().await {
        ended.expect("a guesser");
    }
    // The first five, and one after each delay: 1 s, 2 s, 4 s and so on.
    let checked = checked.load(Relaxed);
    assert!(
        (5..=12).contains(&checked),
        "{checked} of {} were checked",
        refused.load(Relaxed)
    );
    let log = server.log();
    let warnings = log.lines().filter(|line| line.contains("WARN"));
    assert!(warnings.count() <= 2, "a line for each refused log-in");
}

#[tokio::test]
async fn a_name_that_many_guess_at_stays_open_to_its_user() {
    let server = Server::start().await;
    for name in ["ada", "grace"] {
        server.user(name).await;
    }
    let client = server.client();
    // Where the user has logged in before, and in a browser with a session that has ended.
    let at_home = "198.51.100.1";
    try_log_in(&client, at_home, "ada", RIGHT).await.expect(201);
    let mut browser = server.client();
    browser.log_in("ada").await;
    browser.delete("/api/v1/sessions/current").await.expect(204);
    let mut stranger = server.client();
    stranger.log_in("grace").await;
    let with_cookie = async |token: &Option<String>, password: &str| {
        let token = token.as_deref().expect("a token");
        server
            .client()
            .call(Method::POST, "/api/v1/sessions")
            .header("X-Forwarded-For", "198.51.100.2")
            .header("Cookie", &format!("dotcast_session={token}"))
            .json(&credentials("ada", password))
            .send()
            .await
    };
    for name in ["ada", "nobody"] {
        for number in 0..20 {
            try_log_in(
                &client,
                &format!("203.0.113.{number}"),
                name,
                "wrong password",
            )
            .await
            .expect_problem(401, "wrong_credentials");
        }
        let refused = try_log_in(&client, OTHER, name, RIGHT)
            .await
            .expect_problem(429, "rate_limited");
        assert!((1..=2).contains(&retry_after(&refused)));
        if name == "ada" {
            with_cookie(&stranger.token, RIGHT)
                .await
                .expect_problem(429, "rate_limited");
            try_log_in(&client, at_home, "Ada", RIGHT).await.expect(201);
            with_cookie(&browser.token, RIGHT).await.expect(201);
        }
    }
    try_log_in(&client, OTHER, "grace", RIGHT).await.expect(201);
    eventually("the end of the delay", || async {
        let answer = try_log_in(&client, OTHER, "ada", RIGHT).await;
        (answer.status == 201).then_some(())
    })
    .await;
}
