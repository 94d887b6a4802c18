//! A native `EventSource`: it reconnects and resumes on its own.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::harness::{Server, browser::Browser, eventually, server::free_address};

const FOLLOW: &str = "
    window.seen = [];
    window.stream = new EventSource('/sse/notifications/');
    for (const type of ['cursor', 'newBoard', 'newPath', 'boardUpdated', 'boardDeleted', 'boardSolved', 'reset'])
        stream.addEventListener(type, (event) =>
            seen.push([type, event.lastEventId, JSON.parse(event.data).board_name ?? null]));
";

#[tokio::test]
async fn an_event_source_misses_nothing_over_restarts() {
    let address = free_address().to_string();
    let mut server = Server::start_with(&["--listen", &address, "--retry", "100ms"]).await;
    let mut user = server.user("ada").await;
    let browser = Browser::start().await;
    browser
        .page
        .goto(&format!("{}/docs", server.url))
        .await
        .expect("the page");
    browser.run(FOLLOW).await;
    let mut expected = 0;
    until_seen(&browser, "[['cursor', '0', null]]").await;
    for signal in [Signal::TERM, Signal::KILL] {
        expected += 1;
        user.board(&format!("board {expected}")).await;
        until_logged(&browser, expected).await;
        server.signal(signal);
        server.wait().await;

        // Another program writes while no server runs.
        expected += 1;
        server
            .database()
            .execute(&format!(
                "INSERT INTO events (type, topic, payload) \
                 VALUES ('newBoard', 1, '{{\"board_id\":1,\"board_name\":\"board {expected}\"}}')"
            ))
            .await;
        server = server.restart().await;
        user = server.client();
        user.log_in("ada").await;
        until_logged(&browser, expected).await;
    }
    expected += 1;
    user.board(&format!("board {expected}")).await;
    until_logged(&browser, expected).await;

    let seen = browser.run("return seen").await;
    let logged: Vec<_> = seen
        .as_array()
        .expect("a list")
        .iter()
        .filter(|event| event[0] != "cursor")
        .cloned()
        .collect();
    let owed: Vec<_> = (1..=expected)
        .map(|id| json!(["newBoard", id.to_string(), format!("board {id}")]))
        .collect();
    assert_eq!(logged, owed, "each once, in order, and no reset");
    browser.close().await;
}

async fn until_seen(browser: &Browser, what: &str) {
    let script = format!("return JSON.stringify(seen) === JSON.stringify({what})");
    eventually(what, || async {
        (browser.run(&script).await == Value::Bool(true)).then_some(())
    })
    .await;
}

async fn until_logged(browser: &Browser, id: i64) {
    let script = format!("return seen.some(([type, id]) => type !== 'cursor' && id === '{id}')");
    eventually("the event in the browser", || async {
        (browser.run(&script).await == Value::Bool(true)).then_some(())
    })
    .await;
}
