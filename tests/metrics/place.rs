//! Where metrics are served, and how much there is of them.

use std::collections::BTreeSet;

use rustix::process::Signal;

use super::page::Page;
use crate::harness::{Client, Server, eventually, server::free_address, within};

#[tokio::test]
async fn an_address_of_their_own_has_the_metrics_and_nothing_else() {
    let address = free_address().to_string();
    let server = Server::start_with(&["--metrics-listen", &address]).await;
    server
        .client()
        .get("/metrics")
        .await
        .expect_problem(404, "not_found");
    let metrics = Client::new(&format!("http://{address}"));
    assert!(Page::of(&metrics).await.series.len() > 50);
    for path in ["/", "/healthz", "/api/v1/boards", "/sse/notifications/"] {
        // Not by a call of its own, which would hold it against the document.
        let answer = metrics.http().get(format!("{}{path}", metrics.url));
        let answer = within("an answer", answer.send()).await.expect("an answer");
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }
    // The address is free again as soon as the server has ended.
    server.signal(Signal::TERM);
    let server = server.restart().await;
    assert!(Page::of(&metrics).await.series.len() > 50);
    drop(server);
}

#[tokio::test]
async fn the_page_does_not_grow_with_users_boards_and_streams() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let client = server.client();
    // Every operation below has been used once, and each of the ways in which it is answered.
    let mut streams = vec![server.stream(None).await];
    ada.board("first").await;
    ada.boards().await;
    drop(streams.pop());
    Page::of(&client).await;
    let few = eventually("the end of the stream", || async {
        let page = Page::of(&client).await;
        (page.value("dotcast_streams_ended_total{reason=\"client\"}") > Some(0.0)).then_some(page)
    })
    .await;
    for number in 0..50 {
        streams.push(server.stream(None).await);
        ada.board(&format!("board {number}")).await;
    }
    server.user("grace").await.boards().await;
    let many = Page::of(&client).await;
    let names = |page: &Page| -> BTreeSet<String> { page.series.keys().cloned().collect() };
    let new: Vec<_> = names(&many).difference(&names(&few)).cloned().collect();
    assert_eq!(new, ["dotcast_stream_lag_events"]);
    let open = many.value("dotcast_streams{transport=\"http1\"}");
    assert_eq!(open, Some(50.0));
}
