//! Erasures that are refused, interrupted, or meet others.

use super::{NAME, erase, leave_traces, mentions, try_erase};
use crate::harness::{Database, Server, Writer, dotcast_on, eventually, within};

#[tokio::test]
async fn nobody_is_erased_without_consent() {
    let server = Server::start().await;
    let user = server.user(NAME).await;
    user.board("one").await;
    let database = server.database();
    let refused = dotcast_on(database, &["user", "erase", NAME]).await;
    assert_eq!(
        refused.complaint(2),
        "error: nobody can be asked whether to erase the name Wilhelmina-Q; --yes does it\n"
    );
    let refused = try_erase(&server, "nobody").await;
    assert_eq!(refused.complaint(1), "error: there is no user nobody\n");
    user.get("/api/v1/users/me").await.expect(200);
    assert_eq!(user.events().await.len(), 1);
}

#[tokio::test]
async fn who_was_erased_stays_as_they_are() {
    let server = Server::start().await;
    let user = server.user(NAME).await;
    let grace = server.user("grace").await;
    leave_traces(&user, &grace).await;
    let newest = i64::try_from(grace.events().await.len()).expect("few");
    erase(&server).await;
    grace.until_settled(newest + 1).await;
    let events = grace.events().await;
    let told = try_erase(&server, "erased-1").await.printed();
    assert!(told.starts_with("erased-1 is erased-1"), "{told}");
    assert_eq!(grace.events().await, events);
}

#[tokio::test]
async fn the_pseudonym_of_somebody_else_is_not_taken() {
    let server = Server::start().await;
    let user = server.user(NAME).await;
    server.user("Erased-1").await.board("theirs").await;
    user.board("one").await;
    let told = try_erase(&server, NAME).await.printed();
    assert!(told.starts_with("Wilhelmina-Q is erased-1-2"), "{told}");
    let boards = server.client().all_boards().await;
    let names: Vec<_> = boards.iter().map(|it| &it["creator_username"]).collect();
    assert_eq!(names, ["erased-1-2", "Erased-1"]);
}

/// As an erasure that was killed leaves it: some events are done, the user is not.
#[tokio::test]
async fn what_an_interruption_has_left_undone_is_done() {
    let server = Server::start_with(&["--poll-interval", "50ms"]).await;
    let user = server.user(NAME).await;
    let grace = server.user("grace").await;
    leave_traces(&user, &grace).await;
    let database = server.database();
    let half = if database.is_postgres() {
        "UPDATE events SET payload = payload || '{\"creator_username\":\"erased-1\"}' WHERE id = 1"
    } else {
        "UPDATE events SET payload = json_set(payload, '$.creator_username', 'erased-1') WHERE id = 1"
    };
    database.execute(half).await;
    database
        .execute("UPDATE users SET disabled = TRUE WHERE id = 1")
        .await;
    let newest = i64::try_from(grace.events().await.len()).expect("few");
    erase(&server).await;
    grace.until_settled(newest + 1).await;
    let events = grace.events().await;
    let last = events.last().expect("events");
    assert_eq!(last["type"], "userErased");
    assert_eq!(last["data"]["event_ids"][0], 1);
    assert_eq!(mentions(&events.into(), NAME), 0);
}

/// A writer has appended the name and not committed; its id may be the smaller one.
#[tokio::test]
async fn an_event_that_is_being_written_is_waited_for() {
    let database = Database::postgres().await;
    let server = Server::start_on(&database, &["--poll-interval", "50ms"]).await;
    let user = server.user(NAME).await;
    let mut writer = Writer::begin(&database).await;
    writer
        .run(&format!(
            "INSERT INTO events (type, topic, payload) VALUES ('foreign', 1, '{{\"user_username\":\"{NAME}\"}}')"
        ))
        .await;
    user.board("one").await;
    let erasing = tokio::spawn({
        let database = database.clone();
        async move { dotcast_on(&database, &["user", "erase", NAME, "--yes"]).await }
    });
    eventually("the lock that it waits for", || async {
        let waiting =
            "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'events'::regclass";
        let waiting: Vec<i64> = database.column(waiting).await;
        (waiting[0] > 0).then_some(())
    })
    .await;
    writer.commit().await;
    let told = within("the erasure", erasing).await.expect("an end");
    assert!(told.printed().contains("in 2 kept events"));
    let grace = server.user("grace").await;
    eventually("all of them", || async {
        let events = grace.events().await;
        let named = mentions(&events.clone().into(), NAME);
        (events.len() == 3).then(|| assert_eq!(named, 0, "{events:?}"))
    })
    .await;
}

#[tokio::test]
async fn a_writer_that_does_not_end_is_not_waited_for() {
    let database = Database::postgres().await;
    let server = Server::start_on(&database, &["--poll-interval", "50ms"]).await;
    let user = server.user(NAME).await;
    user.board("one").await;
    let mut writer = Writer::begin(&database).await;
    writer.append().await;
    let run = within("the end", try_erase(&server, NAME)).await;
    assert_eq!(run.code, Some(1), "{run:?}");
    // Nothing is left to chance meanwhile: the user makes nothing new.
    user.get("/api/v1/users/me").await.expect(401);
    writer.commit().await;
    erase(&server).await;
    let events = server.client().events().await;
    assert_eq!(mentions(&events.into(), NAME), 0);
}
