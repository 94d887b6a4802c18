//! Clients disconnect at any moment, even while the server is in the middle of a transaction for them. Nothing of
//! them is left on its connections: later requests are as durable as earlier ones.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};

use super::sessions::{OURS, count, lock};
use crate::harness::{Client, Cluster, Network, Server, client, eventually, network::BOTH, within};

const REQUESTS: usize = 2_000;
/// Clients at once.
const CLIENTS: usize = 8;
/// Connections for writing, of the default pool of ten.
const WRITERS: i64 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_requests_that_are_cut_off_leave_nothing_behind() {
    let settings = [
        "fsync=on",
        "full_page_writes=on",
        "log_min_messages=warning",
    ];
    let cluster = Cluster::start_with(&settings).await;
    let database = cluster.database().await;
    // Somewhat distant, so that much of a request's time is spent on the way to the database.
    let network = Network::to(&database).await;
    for direction in BOTH {
        network.delay(direction, Duration::from_millis(1));
    }
    let url = network.url(&database);
    let server = Server::start_on(&database, &["--database-url", &url]).await;
    let user = server.user("ada").await;
    let acknowledged = Arc::<Mutex<BTreeSet<i64>>>::default();

    // Other clients, which stay until they have their answer.
    let enough = Arc::<AtomicBool>::default();
    let mut patient = JoinSet::new();
    for _ in 0..2 {
        let (user, enough) = (user.clone(), Arc::clone(&enough));
        let acknowledged = Arc::clone(&acknowledged);
        patient.spawn(async move {
            while !enough.load(Ordering::Relaxed) {
                let id = user.board("patient").await;
                acknowledged.lock().expect("no panic").insert(id);
            }
        });
    }
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let user = user.clone();
        let acknowledged = Arc::clone(&acknowledged);
        clients.spawn(async move {
            let http2 = client::http2();
            for _ in 0..REQUESTS / CLIENTS {
                if number % 4 == 0 {
                    cut_off_stream(&user, &http2).await;
                } else if let Some(board) = cut_off_connection(&user).await {
                    acknowledged.lock().expect("no panic").insert(board);
                }
            }
        });
    }
    clients.join_all().await;
    enough.store(true, Ordering::Relaxed);
    patient.join_all().await;

    let open = format!("{OURS} AND state LIKE 'idle in transaction%'");
    eventually("the end of all transactions", || async {
        (count(&database, &open).await == 0).then_some(())
    })
    .await;
    // Every connection for writing is usable, and a crash right after the answer takes nothing.
    let mut posts = JoinSet::new();
    let gate = lock(&database, "events").await;
    for _ in 0..WRITERS {
        let user = user.clone();
        posts.spawn(async move { user.board("afterwards").await });
    }
    let waiting = format!("{OURS} AND wait_event_type = 'Lock' AND query LIKE 'INSERT%'");
    eventually("as many writers as there may be", || async {
        (count(&database, &waiting).await == WRITERS).then_some(())
    })
    .await;
    gate.rollback().await.expect("rollback");
    while let Some(id) = within("an answer", posts.join_next()).await {
        acknowledged
            .lock()
            .expect("no panic")
            .insert(id.expect("a board"));
    }
    cluster.restart_immediately().await;

    let kept: Vec<i64> = database.column("SELECT id FROM boards").await;
    let kept = BTreeSet::from_iter(kept);
    let acknowledged = acknowledged.lock().expect("no panic").clone();
    assert!(acknowledged.is_subset(&kept), "acknowledged and gone");
    let log = cluster.log();
    for warning in [
        "already a transaction in progress",
        "no transaction in progress",
        "SET LOCAL can only be used in transaction blocks",
    ] {
        assert_eq!(log.matches(warning).count(), 0, "{warning}");
    }
    // Each board has its event, and every event is shown.
    let announced: Vec<i64> = database.column("SELECT topic FROM events").await;
    assert_eq!(announced.len(), kept.len());
    assert_eq!(BTreeSet::from_iter(announced), kept);
    let ids: Vec<i64> = database.column("SELECT id FROM events ORDER BY id").await;
    eventually("readiness", || async {
        (user.get("/readyz").await.status == 200).then_some(())
    })
    .await;
    let mut stream = server.stream(Some(0)).await;
    assert_eq!(stream.ids(ids.len()).await, ids);
}

/// Sends a request over HTTP/1.1 and closes the connection soon. Returns the board that was acknowledged before that.
async fn cut_off_connection(user: &Client) -> Option<i64> {
    let address = user.url.trim_start_matches("http://");
    let address: SocketAddr = address.parse().expect("an address");
    let mut connection = TcpStream::connect(address).await.expect("connect");
    let token = user.token.as_ref().expect("a token");
    let body = client::board("cut off").to_string();
    let request = match random(4) {
        0 => format!("GET /api/v1/boards HTTP/1.1\r\nHost: {address}\r\n\r\n"),
        1 => format!(
            "GET /api/v1/users/me HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n"
        ),
        _ => format!(
            "POST /api/v1/boards HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    };
    let sent = connection.write_all(request.as_bytes()).await;
    sent.expect("it is taken");
    let mut answer = vec![0; 16 * 1024];
    let read = timeout(moment(), connection.read(&mut answer)).await;
    if random(2) == 0 {
        // Not closed, but reset.
        connection.set_zero_linger().expect("a socket");
    }
    answer.truncate(read.ok()?.ok()?);
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let body: Value = serde_json::from_str(body).ok()?;
    head.starts_with("HTTP/1.1 201")
        .then(|| body["id"].as_i64())?
}

/// Sends a request over HTTP/2 and resets its stream soon; the connection stays.
async fn cut_off_stream(user: &Client, http2: &reqwest::Client) {
    let token = user.token.as_ref().expect("a token");
    let request = http2
        .post(format!("{}/api/v1/boards", user.url))
        .bearer_auth(token)
        .json(&client::board("cut off"));
    let _ = timeout(moment(), request.send()).await;
}

/// Some of these are enough for a whole request, most are not.
fn moment() -> Duration {
    Duration::from_micros(random(50_000).into())
}

/// A random number below `bound`.
fn random(bound: u32) -> u32 {
    getrandom::u32().expect("randomness") % bound
}
