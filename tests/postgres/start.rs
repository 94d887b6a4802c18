//! A start is quick and begins at the present, however long the log is and whoever is writing to it.

use std::time::Instant;

use crate::harness::{Database, Server, Writer, program, run};

const EVENTS: i64 = 1_000_000;

#[tokio::test]
#[expect(
    clippy::print_stdout,
    reason = "the time is worth seeing, with --nocapture"
)]
async fn a_server_starts_at_the_present_behind_a_million_events_and_an_open_transaction() {
    let database = Database::postgres().await;
    let mut migrate = program();
    migrate.arg("migrate").env("DATABASE_URL", database.url());
    run(&mut migrate, "").await.printed();
    database.append_fillers(1, EVENTS / 2, 5).await;
    // An id that will always be missing.
    let mut writer = Writer::begin(&database).await;
    let missing = writer.append().await;
    writer.roll_back().await;
    assert_eq!(missing, EVENTS / 2 + 1);
    database.append_fillers(1, EVENTS / 2, 5).await;
    let newest = EVENTS + 1;
    let mut slow = Writer::begin(&database).await;
    assert_eq!(slow.append().await, newest + 1);
    database.append_fillers(1, 1, 5).await;

    let mut servers = Vec::new();
    for timeout in ["1s", "30s"] {
        let started = Instant::now();
        let server = Server::start_on(&database, &["--statement-timeout", timeout]).await;
        let client = server.client();
        client.get("/readyz").await.expect(200);
        println!("ready after {:?}", started.elapsed());
        let mut stream = server.stream(None).await;
        assert_eq!(stream.opening().await, newest);
        // The open transaction holds up everything behind it.
        let page = client
            .get(&format!("/api/v1/events?after={newest}"))
            .await
            .expect(200);
        assert_eq!(page.body["items"].as_array().map(Vec::len), Some(0));
        // History, also across the missing id.
        let before = format!("/api/v1/events?limit=3&after={}", missing - 2);
        let page = client.get(&before).await.expect(200);
        let ids: Vec<_> = (0..3)
            .map(|it| page.body["items"][it]["id"].clone())
            .collect();
        assert_eq!(ids, [missing - 1, missing + 1, missing + 2]);
        servers.push((server, stream));
    }

    slow.commit().await;
    for (server, stream) in &mut servers {
        assert_eq!(stream.ids(2).await, [newest + 1, newest + 2]);
        let mut late = server.stream(None).await;
        assert_eq!(late.opening().await, newest + 2);
    }
    database.append_fillers(1, 1, 5).await;
    for (_, stream) in &mut servers {
        assert_eq!(stream.ids(1).await, [newest + 3]);
    }
}
