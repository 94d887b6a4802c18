//! A page of another origin in a real browser.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::harness::{Server, browser::Browser, eventually};

/// Serves an empty page for ever; returns its origin.
async fn other_origin() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\
                        Connection: close\r\n\r\n<html>";
            let _ = socket.write_all(page.as_bytes()).await;
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn it_follows_the_stream_and_uses_the_api_if_its_origin_is_listed() {
    let origin = other_origin().await;
    let server = Server::start_with(&["--cors-origin", &origin]).await;
    let user = server.user("ada").await;
    let token = user.token.as_deref().expect("a token");
    let board = json!({ "name": "one", "rows": 3, "cols": 3, "dots": [] });
    let script = |server: &Server| {
        format!(
            "window.seen = [];
             const stream = new EventSource('{url}/sse/notifications/');
             stream.onerror = () => seen.push('refused');
             stream.addEventListener('newBoard', (event) => seen.push(event.lastEventId));
             stream.addEventListener('cursor', async () => {{
                 const answer = await fetch('{url}/api/v1/boards', {{
                     method: 'POST',
                     headers: {{ Authorization: 'Bearer {token}', 'Content-Type': 'application/json' }},
                     body: JSON.stringify({board}),
                 }});
                 const read = (name) => answer.headers.get(name) !== null;
                 seen.push([answer.status, read('Location'), read('X-Request-Id')]);
             }});",
            url = server.url,
        )
    };
    let stranger = Server::start().await;
    let browser = Browser::start().await;
    for (server, expected) in [
        (&server, json!([[201, true, true], "1"])),
        (&stranger, json!(["refused"])),
    ] {
        browser.page.goto(&origin).await.expect("the page");
        browser.run(&script(server)).await;
        let seen = eventually("what the page sees", || async {
            let seen = browser.run("return seen").await;
            let count = seen.as_array().map_or(0, Vec::len);
            (count >= expected.as_array().map_or(0, Vec::len)).then_some(seen)
        })
        .await;
        // The answer and the event arrive by different routes.
        let sorted = |list: &Value| {
            let mut texts: Vec<_> = list
                .as_array()
                .expect("a list")
                .iter()
                .map(Value::to_string)
                .collect();
            texts.sort();
            texts
        };
        assert_eq!(sorted(&seen), sorted(&expected));
    }
    browser.close().await;
}
