//! How many connections one client may have, and all clients together.

use http::Request;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpSocket;

use super::{
    Wire,
    transport::{Security, Site},
};
use crate::{
    harness::{Database, Launch, Server, eventually, within},
    metrics::page::hits,
};

/// With it, 127.0.0.1 itself is a client, and 127.0.0.2 another.
const NO_PROXY: [&str; 2] = ["--trusted-proxy", "none"];

/// A connection from this address.
async fn connect_from(source: &str, server: &Server) -> Wire {
    let socket = TcpSocket::new_v4().expect("a socket");
    let source = format!("{source}:0").parse().expect("an address");
    socket.bind(source).expect("a loopback address");
    let address = server.url.trim_start_matches("http://");
    let connected = socket.connect(address.parse().expect("an address"));
    Wire::on(Box::new(
        within("a connection", connected).await.expect("connect"),
    ))
}

/// The answer to a new connection from this address.
async fn health(source: &str, server: &Server) -> String {
    let mut wire = connect_from(source, server).await;
    let request = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    wire.try_send(request).await;
    wire.rest().await.unwrap_or_default()
}

async fn is_well(source: &str, server: &Server) {
    let answer = health(source, server).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[tokio::test]
async fn one_client_has_its_share_of_connections() {
    let mut arguments = NO_PROXY.to_vec();
    arguments.extend(["--max-connections-per-client", "5"]);
    let server = Server::start_with(&arguments).await;
    let mut held = Vec::new();
    // Idle ones, and streams, which have moved to a reactor.
    for number in 0..5 {
        let mut wire = Wire::connect(&server).await;
        if number > 2 {
            wire.get("/sse/notifications/").await;
            wire.until("\n\n\r\n").await;
        }
        held.push(wire);
    }
    for _ in 0..20 {
        let refused = health("127.0.0.1", &server).await.to_lowercase();
        assert!(
            refused.starts_with("http/1.1 503 service unavailable\r\n"),
            "{refused}"
        );
        assert!(
            refused.contains("\"code\":\"too_many_connections\""),
            "{refused}"
        );
        for header in ["connection: close\r\n", "retry-after: ", "content-length: "] {
            assert!(refused.contains(header), "{header} in {refused}");
        }
        is_well("127.0.0.2", &server).await;
    }
    let log = server.log();
    let complaints = log
        .lines()
        .filter(|line| line.contains("refusing connections"));
    assert_eq!(complaints.count(), 1, "{log}");
    // A stream that ends frees its place, too.
    held.pop();
    eventually("a free seat", || async {
        let answer = health("127.0.0.1", &server).await;
        answer.starts_with("HTTP/1.1 200 OK\r\n").then_some(())
    })
    .await;
    assert!(hits(&server, "connections_per_client").await >= 20);
}

#[tokio::test]
async fn an_encrypted_connection_too_many_is_closed() {
    let mut arguments = NO_PROXY.to_vec();
    arguments.extend(["--max-connections-per-client", "2"]);
    let site = Site::start(Security::Encrypted, &arguments).await;
    let first = site.http_2(1000).await;
    let second = site.connect("http/1.1").await;
    for protocol in ["h2", "http/1.1"] {
        assert!(site.try_connect(protocol).await.is_none());
    }
    drop(second);
    eventually("a free seat", || async {
        let request = Request::get("https://x/healthz")
            .body(())
            .expect("a request");
        let socket = site.try_connect("h2").await?;
        let client = super::transport::Http2::on(socket, 1000).await;
        let answer = client.send(request, true).await.answer().await.ok()?;
        (answer.status() == 200).then_some(())
    })
    .await;
    assert_eq!(first.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn a_proxys_connections_count_for_nobody() {
    let server = Server::start_with(&["--max-connections-per-client", "2"]).await;
    let mut held = Vec::new();
    for _ in 0..10 {
        held.push(Wire::connect(&server).await);
        is_well("127.0.0.1", &server).await;
    }
}

#[tokio::test]
async fn the_connection_that_is_idle_longest_gives_way() {
    for security in Security::ALL {
        let site = Site::start(security, &["--max-connections", "3"]).await;
        let oldest = site.http_2(1 << 20).await;
        assert_eq!(oldest.get("/healthz").await.status(), 200);
        let streaming = site.http_2(1 << 20).await;
        let _stream = streaming.get("/sse/notifications/").await;
        let mut next = Wire::on(site.connect("http/1.1").await);
        let newest = site.http_2(1 << 20).await;
        assert_eq!(newest.get("/healthz").await.status(), 200);
        // The client is told (RFC 9113, 6.8), and does not have to find out by an error.
        oldest.end().await.expect("an orderly end");
        let another = site.http_2(1 << 20).await;
        assert_eq!(another.get("/healthz").await.status(), 200);
        assert_eq!(next.rest().await.unwrap_or_default(), "");
        assert!(!streaming.is_over());
    }
}

#[tokio::test]
async fn when_something_is_under_way_on_each_a_new_connection_is_refused() {
    let server = Server::start_with(&["--max-connections", "3"]).await;
    let mut busy = Vec::new();
    for _ in 0..3 {
        let mut wire = Wire::connect(&server).await;
        wire.get("/sse/notifications/").await;
        wire.until("\n\n\r\n").await;
        busy.push(wire);
    }
    let refused = health("127.0.0.1", &server).await;
    assert!(
        refused.contains("\"code\":\"too_many_connections\""),
        "{refused}"
    );
    busy.pop();
    eventually("a free seat", || async {
        let answer = health("127.0.0.1", &server).await;
        answer.starts_with("HTTP/1.1 200 OK\r\n").then_some(())
    })
    .await;
    assert!(hits(&server, "connections").await >= 1);
}

#[tokio::test]
async fn idle_connections_cannot_take_all_descriptors() {
    // The attacker is in this process.
    let hard = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit {
        current: hard,
        maximum: hard,
    };
    setrlimit(Resource::Nofile, limit).expect("the limit on open files of this process");
    for arguments in [&[][..], &NO_PROXY] {
        let launch = Launch::with(arguments).by(&["prlimit", "--nofile=1000:1000"]);
        let server = Server::launch(&Database::new().await, launch).await;
        let before = server.connections();
        let mut held = Vec::new();
        for number in 0..1500 {
            held.push(connect_from("127.0.0.1", &server).await);
            if number % 50 == 0 {
                is_well("127.0.0.2", &server).await;
            }
        }
        assert!(server.open_files() < 1000);
        // The database and the log have what they need.
        let mut wire = connect_from("127.0.0.2", &server).await;
        wire.get("/readyz").await;
        let answer = wire.until("}").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(!server.log().contains("cannot accept"), "{}", server.log());
        drop((held, wire));
        eventually("the end of the connections", || async {
            (server.connections() <= before).then_some(())
        })
        .await;
        is_well("127.0.0.1", &server).await;
    }
}
