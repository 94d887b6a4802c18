//! Stopping.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

use crate::harness::{Server, eventually, within};

#[tokio::test]
async fn streams_end_cleanly_and_the_process_is_gone_in_time() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut server = Server::start_with(&["--retry", "2s"]).await;
        let user = server.user("ada").await;
        let mut streams = Vec::new();
        for _ in 0..50 {
            let mut stream = server.stream(None).await;
            stream.opening().await;
            streams.push(stream);
        }
        user.board("one").await;
        for stream in &mut streams {
            assert_eq!(stream.ids(1).await, [1]);
        }
        let asked = Instant::now();
        server.signal(signal);
        let mut pauses = Vec::new();
        for stream in &mut streams {
            let last = stream.next().await.expect("a farewell");
            assert_eq!((last.id, &last.event), (None, &None));
            pauses.push(last.retry.expect("when to come back"));
            assert_eq!(
                stream.next().await,
                None,
                "the stream ends without a broken chunk"
            );
        }
        assert!(server.wait().await.success());
        assert!(
            asked.elapsed() < Duration::from_secs(5),
            "{:?}",
            asked.elapsed()
        );
        // Not all in one instant, and not for ever.
        assert!(
            pauses.iter().all(|pause| (2000..=8000).contains(pause)),
            "{pauses:?}"
        );
        pauses.sort_unstable();
        pauses.dedup();
        assert!(pauses.len() > 10, "{pauses:?}");
    }
}

#[tokio::test]
async fn a_client_that_never_reads_does_not_hold_the_server() {
    let mut server = Server::start().await;
    // Far more than the socket and the server's buffer for it hold, so that the farewell cannot leave.
    server.database().append_fillers(1, 20_000, 1000).await;
    server.client().until_settled(20_000).await;
    let address: SocketAddr = server
        .url
        .trim_start_matches("http://")
        .parse()
        .expect("an address");
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let mut blocked = socket.connect(address).await.expect("connect");
    blocked
        .write_all(b"GET /sse/notifications/?last_event_id=0 HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .expect("a request");
    let client = blocked.local_addr().expect("an address");
    // A stream is blocked if it has something to send and sends no more of it.
    let mut queues = Vec::new();
    eventually("a full socket", || {
        queues.push(unsent(address, client));
        let same = queues
            .iter()
            .rev()
            .take_while(|&it| it == &queues[queues.len() - 1]);
        let is_full = queues[queues.len() - 1] > 0 && same.count() > 20;
        async move { is_full.then_some(()) }
    })
    .await;
    let _idle = TcpStream::connect(address).await.expect("connect");

    let asked = Instant::now();
    server.signal(Signal::TERM);
    assert!(server.wait().await.success());
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
    let log = server.log();
    assert!(log.contains("cutting connections"), "it was blocked: {log}");
}

/// A proxy may have sent the request before it could know; it could not repeat a POST.
#[tokio::test]
async fn a_request_on_an_idle_connection_is_still_answered() {
    // On a stalled machine a request may come too late.
    for _ in 0..10 {
        let server = Server::start().await;
        let mut connection = TcpStream::connect(server.url.trim_start_matches("http://"))
            .await
            .expect("connect");
        let first = ask(&mut connection).await.expect("an answer");
        assert!(!first.contains("connection: close"), "{first}");
        server.signal(Signal::TERM);
        eventually("the signal's arrival", || async {
            server.log().contains("stopping").then_some(())
        })
        .await;
        if let Some(last) = ask(&mut connection).await {
            assert!(last.contains("connection: close"), "{last}");
            assert_eq!(ask(&mut connection).await, None, "it keeps its word");
            return;
        }
    }
    panic!("idle connections are closed at once");
}

/// Sends a request on an open connection; the answer, if there is one.
async fn ask(connection: &mut TcpStream) -> Option<String> {
    let request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    connection.write_all(request).await.ok()?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        answer.push(within("an answer", connection.read_u8()).await.ok()?);
    }
    let answer = String::from_utf8(answer).expect("text").to_lowercase();
    assert!(answer.starts_with("http/1.1 200 ok\r\n"), "{answer}");
    Some(answer)
}

/// How many bytes the kernel holds for the client of a connection, as /proc/net/tcp tells.
fn unsent(server: SocketAddr, client: SocketAddr) -> u64 {
    let ports = |line: &str| -> Option<(u16, u16, u64)> {
        let mut fields = line.split_whitespace().skip(1);
        let mut port = || u16::from_str_radix(fields.next()?.split_once(':')?.1, 16).ok();
        let (local, remote) = (port()?, port()?);
        let queue = fields.nth(1)?.split_once(':')?.0;
        Some((local, remote, u64::from_str_radix(queue, 16).ok()?))
    };
    let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux");
    table
        .lines()
        .filter_map(ports)
        .find(|&(local, remote, _)| local == server.port() && remote == client.port())
        .map_or(0, |(_, _, queue)| queue)
}
