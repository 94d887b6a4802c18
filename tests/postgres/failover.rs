//! A standby that lacks the newest commits takes over. Their ids are given to other events. A server that went on
//! would never show those, and clients that saw the lost ones would believe that they have seen them.

use std::collections::BTreeSet;

use crate::harness::{
    Client, Cluster, Database, Network, Server, Stream, client, eventually,
    network::{BOTH, Line},
    within,
};

/// How many events are lost: more than the ids that PostgreSQL skips when it recovers (32), so that some are given
/// out again.
const LOST: i64 = 40;
/// The newest event that the standby has.
const KEPT: i64 = 3;

/// What happens to the connections to the old primary.
#[derive(Clone, Copy, Debug)]
enum Old {
    Cut,
    Silent,
}

/// What the server does next.
#[derive(Clone, Copy, Debug)]
enum Next {
    Look,
    Post,
}

/// A primary behind a network, and a standby that has only its first events.
struct Pair {
    network: Network,
    database: Database,
    _primary: Cluster,
    standby: Cluster,
}

impl Pair {
    async fn start() -> Self {
        let primary = Cluster::start().await;
        let database = primary.database().await;
        Self {
            network: Network::to(&database).await,
            database,
            standby: primary.standby().await,
            _primary: primary,
        }
    }

    /// Fails over.
    async fn fail_over(&self, old: Old) -> Database {
        let promoted = self.database.on(&self.standby);
        self.standby.promote().await;
        self.network.lead_to(&promoted);
        match old {
            Old::Cut => self.network.cut(),
            Old::Silent => {
                self.network.silence(&BOTH, |_| true);
            }
        }
        promoted
    }
}

#[tokio::test]
async fn a_server_that_shows_another_log_than_before_says_so_and_ends() {
    for (old, next) in [
        (Old::Cut, Next::Look),
        (Old::Silent, Next::Look),
        (Old::Cut, Next::Post),
        (Old::Silent, Next::Post),
    ] {
        let pair = Pair::start().await;
        let url = pair.network.url(&pair.database);
        let mut options = vec!["--database-url", &url, "--database-timeout", "1s"];
        options.extend(match next {
            Next::Look => ["--poll-interval", "200ms"],
            Next::Post => ["--poll-interval", "1h"],
        });
        let mut server = Server::start_on(&pair.database, &options).await;
        let user = server.user("ada").await;
        let mut stream = server.stream(None).await;
        assert_eq!(stream.opening().await, 0);
        for _ in 0..KEPT {
            user.board("kept").await;
        }
        assert_eq!(stream.ids(3).await, [1, 2, 3]);
        until_replicated(&pair).await;
        pair.standby.stop_receiving().await;
        for _ in 0..LOST {
            user.board("lost").await;
        }
        let lost: Vec<_> = (KEPT + 1..=KEPT + LOST).collect();
        assert_eq!(stream.ids(lost.len()).await, lost);

        let promoted = pair.fail_over(old).await;
        if matches!(next, Next::Post) {
            // It may be too late for an answer.
            let _ = user
                .try_post("/api/v1/boards", &client::board("after"))
                .await;
        }
        assert_ends_with_a_reset(&mut stream).await;
        let complaint = server.complaint().await;
        assert!(
            complaint.contains("is gone from the database"),
            "{complaint}"
        );

        let server = server.restart().await;
        assert_everybody_is_told(&server, &promoted, user).await;
    }
}

/// The old primary lives on, and so do the connections that follow the log: on them everything is as it was.
#[tokio::test]
async fn the_log_is_not_read_from_another_server_than_is_written_to() {
    let pair = Pair::start().await;
    let url = pair.network.url(&pair.database);
    let options = ["--database-url", &url, "--poll-interval", "200ms"];
    let server = Server::start_on(&pair.database, &options).await;
    let user = server.user("ada").await;
    let mut stream = server.stream(None).await;
    stream.opening().await;
    for _ in 0..KEPT {
        user.board("kept").await;
    }
    assert_eq!(stream.ids(3).await, [1, 2, 3]);
    until_replicated(&pair).await;
    pair.standby.promote().await;
    let promoted = pair.database.on(&pair.standby);
    pair.network.lead_to(&promoted);
    let follows = |line: &Line| line.said("LISTEN ") || line.said("newest_break");
    pair.network.cut_those(|line| !follows(line));

    let first = eventually("a board", || async {
        let answer = user.post("/api/v1/boards", &client::board("one")).await;
        (answer.status == 201).then(|| answer.body["id"].as_i64())?
    })
    .await;
    let acknowledged = [first, user.board("two").await, user.board("three").await];
    let shown = stream.ids(3).await;
    let newest = format!(
        "SELECT topic FROM events WHERE id >= {} ORDER BY id",
        shown[0]
    );
    assert_eq!(promoted.column::<i64>(&newest).await, acknowledged);
}

/// Asserts that the loss is known, now and once later ids have passed it.
async fn assert_everybody_is_told(server: &Server, promoted: &Database, mut user: Client) {
    user.url.clone_from(&server.url);
    let newest_lost = KEPT + LOST;
    assert_told(server, promoted).await;
    for _ in 0..5 {
        user.board("new").await;
    }
    let newest = *all(promoted).await.last().expect("an event");
    assert!(newest >= newest_lost + 5, "no id is given out twice");
    user.until_settled(newest).await;
    assert_told(server, promoted).await;
    // All existing boards are in the log.
    let events: BTreeSet<i64> = column(promoted, "SELECT topic FROM events").await;
    assert_eq!(user.boards().await, events);
}

/// Asserts what earlier clients are told, wherever they were.
async fn assert_told(server: &Server, promoted: &Database) {
    let all = all(promoted).await;
    for cursor in [KEPT + 1, 35, KEPT + LOST - 1, KEPT + LOST] {
        let mut stream = server.stream(Some(cursor)).await;
        assert_eq!(stream.opening().await, KEPT);
        let reset = stream.expect("reset").await.data.expect("data");
        assert_eq!(reset["reason"], "restored");
        assert_eq!(reset["requested_id"], cursor);
        let kept: Vec<_> = all.iter().copied().filter(|&id| id > KEPT).collect();
        assert_eq!(stream.ids(kept.len()).await, kept);
        let page = server
            .client()
            .get(&format!("/api/v1/events?after={cursor}"))
            .await
            .expect(200);
        assert_eq!(page.body["reset"], "restored", "{page:?}");
    }
    for cursor in 0..=KEPT {
        let mut stream = server.stream(Some(cursor)).await;
        assert_eq!(stream.opening().await, cursor);
        let rest: Vec<_> = all.iter().copied().filter(|&id| id > cursor).collect();
        let mut seen = Vec::new();
        while seen.len() < rest.len() {
            let frame = stream.next().await.expect("a frame");
            assert_ne!(frame.event.as_deref(), Some("reset"), "{frame:?}");
            if frame.is_logged() {
                seen.extend(frame.id);
            }
        }
        assert_eq!(seen, rest);
    }
}

/// Reads a stream to its end, which must be clean and say why.
async fn assert_ends_with_a_reset(stream: &mut Stream) {
    let mut reasons = Vec::new();
    let read = async {
        while let Some(frame) = stream.next().await {
            if frame.event.as_deref() == Some("reset") {
                reasons.push(frame.data.expect("data")["reason"].clone());
            }
        }
    };
    within("the end of the stream", read).await;
    assert_eq!(reasons, ["restored"]);
}

/// Waits until the standby has everything.
async fn until_replicated(pair: &Pair) {
    let standby = pair.database.on(&pair.standby);
    let expected = all(&pair.database).await;
    eventually("replication", || async {
        (all(&standby).await == expected).then_some(())
    })
    .await;
}

async fn all(database: &Database) -> Vec<i64> {
    database.column("SELECT id FROM events ORDER BY id").await
}

async fn column(database: &Database, sql: &str) -> BTreeSet<i64> {
    database.column(sql).await.into_iter().collect()
}
