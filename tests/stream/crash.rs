//! `kill -9`: what was acknowledged exists, with its event; what does not exist has none.

use std::collections::BTreeMap;

use rustix::process::Signal;

use crate::harness::{Server, client};

/// Enough of them that on SQLite each commit is shared by many.
const WRITERS: usize = 64;
/// How many more events each round waits for.
const ROUND: i64 = 200;

#[tokio::test]
async fn after_a_kill_every_acknowledged_board_has_exactly_one_event() {
    let mut server = Server::start().await;
    let mut user = server.user("ada").await;
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let mut writers = Vec::new();
        for writer in 0..WRITERS {
            let user = user.clone();
            writers.push(tokio::spawn(async move {
                let mut ids = Vec::new();
                for number in 0.. {
                    let name = format!("round {round} writer {writer} board {number}");
                    match user.try_post("/api/v1/boards", &client::board(&name)).await {
                        Ok(answer) => {
                            ids.push(answer.expect(201).body["id"].as_i64().expect("an id"));
                        }
                        // The server is gone.
                        Err(_) => return ids,
                    }
                }
                ids
            }));
        }
        // In the middle of it all.
        let enough = ROUND * (round + 1);
        user.until_settled(enough).await;
        server.signal(Signal::KILL);
        for writer in writers {
            acknowledged.extend(writer.await.expect("a writer"));
        }
        server = server.restart().await;
        user = server.client();
        user.log_in("ada").await;
    }
    // Of the boards that exist, each kill can have lost one answer to each writer.
    let least = 3 * (usize::try_from(ROUND).expect("small") - WRITERS);
    assert!(acknowledged.len() >= least, "{}", acknowledged.len());

    let mut announced = BTreeMap::new();
    for event in user.events().await {
        assert_eq!(event["type"], "newBoard");
        *announced
            .entry(event["board_id"].as_i64().expect("an id"))
            .or_insert(0) += 1;
    }
    assert!(announced.values().all(|&count| count == 1), "{announced:?}");
    let boards = user.boards().await;
    assert!(
        announced.keys().eq(boards.iter()),
        "each board has its event, and each event its board"
    );
    for id in acknowledged {
        assert!(boards.contains(&id), "board {id} was acknowledged");
    }
}
