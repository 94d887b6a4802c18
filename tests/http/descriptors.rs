//! How many connections there can be, and what happens when there are more.

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

use super::Wire;
use crate::harness::{Server, eventually};

#[tokio::test]
async fn the_limit_on_open_files_is_raised_as_far_as_it_goes() {
    let hard = getrlimit(Resource::Nofile).maximum.expect("a limit");
    let server = Server::start_with(&["--pool-size", "20"]).await;
    // 90 are kept for the server itself, and one for each connection to the database.
    let told = format!("connections={}", hard - 110);
    eventually("what is logged", || async {
        server.log().contains(&told).then_some(())
    })
    .await;
    assert_eq!(limit(&server, None).current, Some(hard));
}

#[tokio::test]
async fn without_descriptors_it_says_so_once_and_goes_on_when_there_are_some() {
    let server = Server::start_with(&["--keep-alive", "100ms"]).await;
    let user = server.user("ada").await;
    let mut clock = server.stream(None).await;
    clock.opening().await;
    let few = u64::try_from(server.open_files()).expect("few") + 10;
    limit(&server, Some(few));
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(Wire::connect(&server).await);
    }
    let complaint = "cannot accept connections";
    eventually("a complaint", || async {
        server.log().contains(complaint).then_some(())
    })
    .await;
    // A connected client is still answered.
    assert_eq!(user.get("/healthz").await.status, 200);
    // The server retries ten times a second, and logs nothing.
    for _ in 0..20 {
        let frame = clock.next().await.expect("a frame");
        assert_eq!(frame.comment.as_deref(), Some("keep-alive"));
    }
    assert_eq!(server.log().matches(complaint).count(), 1);
    drop(held);
    eventually("new connections", || async {
        server
            .log()
            .contains("accepting connections again")
            .then_some(())
    })
    .await;
    let mut wire = Wire::connect(&server).await;
    wire.get("/healthz").await;
    wire.until("\"ok\"}").await;
}

/// The server's limit on open files, perhaps after it was changed.
fn limit(server: &Server, to: Option<u64>) -> Rlimit {
    let process = Some(Pid::from_raw(server.process_id()).expect("an id"));
    let hard = getrlimit(Resource::Nofile).maximum;
    if let Some(current) = to {
        let limit = Rlimit {
            current: Some(current),
            maximum: hard,
        };
        prlimit(process, Resource::Nofile, limit).expect("prlimit");
    }
    let text = std::fs::read_to_string(format!("/proc/{}/limits", server.process_id()));
    let text = text.expect("Linux");
    let line = text.lines().find(|line| line.starts_with("Max open files"));
    let mut numbers = line
        .expect("the limit")
        .split_whitespace()
        .filter_map(|word| word.parse().ok());
    Rlimit {
        current: numbers.next(),
        maximum: numbers.next(),
    }
}
