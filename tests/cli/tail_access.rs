//! `dotcast tail` where only users may follow the log.

use crate::harness::{Follower, Server, run, server::program};

async fn server() -> Server {
    let options = ["--stream-access", "users", "--poll-interval", "50ms"];
    Server::start_with(&options).await
}

#[tokio::test]
async fn without_a_session_it_says_what_to_do_and_ends() {
    let server = server().await;
    let mut command = program();
    command.args(["tail", "--url", &server.url]);
    let complaint = run(&mut command, "").await.complaint(1);
    assert!(complaint.contains("401 Unauthorized"), "{complaint}");
    assert!(complaint.contains("/api/v1/sessions"), "{complaint}");
}

#[tokio::test]
async fn it_follows_with_a_token_until_the_session_ends() {
    let server = server().await;
    let user = server.user("ada").await;
    let token = user.token.as_deref().expect("a token");
    user.board("one").await;
    let options = ["--token", token, "--after", "0"];
    let mut follower = Follower::start(&server.url, &options);
    assert_eq!(follower.ids(1).await, [1]);
    user.delete("/api/v1/sessions/current").await.expect(204);
    let (status, rest) = follower.ended().await;
    assert_eq!(status.code(), Some(1), "it does not come back");
    assert_eq!(rest, Vec::<String>::new());
    // The same by the variable, with a session that has already ended.
    let mut command = program();
    command
        .args(["tail", "--url", &server.url])
        .env("DOTCAST_TOKEN", token);
    let complaint = run(&mut command, "").await.complaint(1);
    assert!(complaint.contains("401 Unauthorized"), "{complaint}");
    assert!(complaint.contains("revoked"), "{complaint}");
    assert!(!complaint.contains(token), "{complaint}");
}

#[tokio::test]
async fn the_end_of_a_session_is_told_in_one_line() {
    let server = server().await;
    let user = server.user("ada").await;
    let token = user.token.clone().expect("a token");
    let mut command = program();
    command
        .args(["tail", "--url", &server.url])
        .env("DOTCAST_TOKEN", &token);
    let ends = async {
        // As soon as it has a stream.
        crate::harness::eventually("a stream", || async {
            let line = "path=\"/sse/notifications/\" status=200";
            server.log().contains(line).then_some(())
        })
        .await;
        user.delete("/api/v1/sessions/current").await.expect(204);
    };
    let (run, ()) = tokio::join!(run(&mut command, ""), ends);
    let complaint = run.complaint(1);
    assert!(complaint.contains("the session has ended"), "{complaint}");
    assert!(complaint.contains("DOTCAST_TOKEN"), "{complaint}");
}

/// It is a secret, so it is not repeated.
#[tokio::test]
async fn a_token_that_cannot_be_sent_is_refused_without_showing_it() {
    for token in ["two words", "line\nend", "schlüssel"] {
        let mut command = program();
        command.arg("tail").env("DOTCAST_TOKEN", token);
        let complaint = run(&mut command, "").await.complaint(2);
        assert!(complaint.contains("DOTCAST_TOKEN"), "{complaint}");
        assert!(!complaint.contains(token), "{complaint}");
    }
    // A variable that is empty is unset; a flag is not.
    let mut command = program();
    command.args(["tail", "--token", ""]);
    let complaint = run(&mut command, "").await.complaint(2);
    assert!(complaint.contains("DOTCAST_TOKEN"), "{complaint}");
}
