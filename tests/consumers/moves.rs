//! What moves a cursor besides acknowledgements, and what ends leases.

use serde_json::{Value, json};

use super::Worker;
use crate::harness::{Server, client::board};

#[tokio::test]
async fn seek_moves_anywhere_and_ends_the_lease() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    for _ in 0..4 {
        ada.board("one").await;
    }
    let worker = Worker::new(&ada, "mailer");
    worker.put(json!({ "after": 2 })).await.expect(201);
    let before = worker.take("").await;
    assert_eq!(before.ids, [3, 4]);
    let moved = worker.seek(0).await.expect(200).body;
    assert_eq!(moved, json!({ "cursor": 0, "lease_until": null }));
    worker
        .ack(4, &before.lease_id)
        .await
        .expect_problem(409, "lease_lost");
    let batch = worker.take("limit=1").await;
    assert_eq!(batch.ids, [1]);
    worker.seek(3).await.expect(200);
    assert_eq!(worker.take("").await.ids, [4]);
}

#[tokio::test]
async fn another_filter_or_a_start_ends_the_lease_and_the_same_settings_do_not() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let id = ada.board("one").await;
    ada.path(id).await;
    ada.board("two").await;
    let worker = Worker::new(&ada, "mailer");
    let only_boards = json!({ "types": ["newBoard"] });
    worker
        .put(json!({ "types": ["newBoard"], "after": 0 }))
        .await
        .expect(201);
    let batch = worker.take("").await;
    assert_eq!((&batch.ids[..], batch.next_after), (&[1, 3][..], 3));
    worker.put(only_boards).await.expect(200);
    worker.ask("").await.expect_problem(409, "leased");
    // What the old filter has dropped is not acknowledged with what it has passed.
    worker.put(json!({})).await.expect(200);
    worker
        .ack(3, &batch.lease_id)
        .await
        .expect_problem(409, "lease_lost");
    assert_eq!(worker.take("").await.ids, [1, 2, 3]);
    worker.put(json!({ "after": 1 })).await.expect(200);
    assert_eq!(worker.take("").await.ids, [2, 3]);
}

#[tokio::test]
async fn what_a_filter_drops_moves_the_cursor_of_a_batch_without_events() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let id = ada.board("one").await;
    let worker = Worker::new(&ada, "mailer");
    worker
        .put(json!({ "types": ["newPath"], "after": 0 }))
        .await
        .expect(201);
    let batch = worker.take("").await;
    assert_eq!((batch.ids.len(), batch.next_after), (0, 1));
    assert_eq!(worker.show().await["cursor"], 1);
    // A worker may acknowledge it like any other.
    let moved = worker.ack(1, &batch.lease_id).await.expect(200).body;
    assert_eq!(moved, json!({ "cursor": 1, "lease_until": null }));

    // Past the last event, too.
    ada.path(id).await;
    let address = format!("/api/v1/boards/{id}");
    ada.put(&address, &board("changed")).await.expect(200);
    let batch = worker.take("").await;
    assert_eq!((&batch.ids[..], batch.next_after), (&[2][..], 3));
    let moved = worker.ack(3, &batch.lease_id).await.expect(200).body;
    assert_eq!(moved, json!({ "cursor": 3, "lease_until": null }));

    // With the last event the lease ends as well.
    ada.path(id).await;
    ada.put(&address, &board("again")).await.expect(200);
    let batch = worker.take("").await;
    assert_eq!((&batch.ids[..], batch.next_after), (&[4][..], 5));
    let moved = worker.ack(4, &batch.lease_id).await.expect(200).body;
    assert_eq!(moved["lease_until"], Value::Null);
    let batch = worker.take("").await;
    assert_eq!((batch.ids.len(), batch.next_after), (0, 5));
}
