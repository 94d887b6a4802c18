//! `kill -9` while boards are being solved: what is solved was announced, and what was announced is solved.

use std::collections::{BTreeMap, BTreeSet};

use rustix::process::Signal;

use super::{BLUE, RED, path, two_pairs};
use crate::harness::{Client, Server};

/// Enough of them that on SQLite each commit is shared by many.
const WRITERS: usize = 32;
/// How many more events each round waits for.
const ROUND: i64 = 300;

/// Makes boards and solves each with two paths that are saved at once, until the server is gone.
async fn solve_boards(user: Client) {
    while let Ok(made) = user.try_post("/api/v1/boards", &two_pairs("one")).await {
        let paths = format!("/api/v1/boards/{}/paths", made.expect(201).body["id"]);
        let (red, blue) = (path(RED), path(BLUE));
        let saved = tokio::join!(user.try_post(&paths, &red), user.try_post(&paths, &blue));
        let (Ok(red), Ok(blue)) = saved else {
            return;
        };
        red.expect(201);
        blue.expect(201);
    }
}

#[tokio::test]
async fn after_a_kill_facts_paths_and_events_agree() {
    let mut server = Server::start_with(&["--request-rate", "off"]).await;
    let mut users = [server.user("ada").await, server.user("grace").await];
    for round in 1..=3 {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(solve_boards(users[writer % 2].clone())))
            .collect();
        // In the middle of it all.
        users[0].until_settled(ROUND * round).await;
        server.signal(Signal::KILL);
        for writer in writers {
            writer.await.expect("a writer");
        }
        server = server.restart().await;
        for (user, name) in users.iter_mut().zip(["ada", "grace"]) {
            *user = server.client();
            user.log_in(name).await;
        }
    }

    let mut announced = BTreeMap::new();
    for event in users[0].events().await {
        if event["type"] == "boardSolved" {
            let board = event["board_id"].as_i64().expect("an id");
            *announced.entry(board).or_insert(0) += 1;
        }
    }
    assert!(announced.values().all(|&count| count == 1), "{announced:?}");
    let database = server.database();
    let facts: BTreeSet<i64> = database
        .column("SELECT board_id FROM solutions")
        .await
        .into_iter()
        .collect();
    assert_eq!(announced.keys().copied().collect::<BTreeSet<_>>(), facts);
    // Two paths of one user on a board are of both colours.
    let joined = "SELECT board_id FROM paths GROUP BY board_id, user_id HAVING COUNT(*) = 2";
    let joined: BTreeSet<i64> = database.column(joined).await.into_iter().collect();
    assert_eq!(joined, facts);
    assert!(facts.len() > 50, "{}", facts.len());
    let told: BTreeSet<i64> = users[0]
        .all_boards()
        .await
        .iter()
        .filter(|board| board["solved_count"] == 1)
        .map(|board| board["id"].as_i64().expect("an id"))
        .collect();
    assert_eq!(told, facts);
}
