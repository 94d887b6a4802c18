//! Clients whose packets are suddenly lost.

use super::{Wire, transport::Http2};
use crate::harness::{Database, Launch, Namespace, Server, eventually, within};

#[tokio::test]
async fn a_client_that_vanishes_is_noticed_on_a_quiet_stream() {
    let namespace = Namespace::new();
    let launch = Launch::with(&["--keep-alive", "1s", "--write-timeout", "2s"])
        .environment([(
            "DOTCAST_LISTEN".to_owned(),
            format!("{}:0", namespace.address),
        )])
        .by(&namespace.wrapper());
    let server = Server::launch(&Database::sqlite(), launch).await;
    let mut wire = Wire::connect(&server).await;
    wire.get("/sse/notifications/").await;
    wire.until(": keep-alive\n\n\r\n").await;
    let address = server.url.trim_start_matches("http://");
    let socket = tokio::net::TcpStream::connect(address).await;
    let client = Http2::on(Box::new(socket.expect("connect")), 1 << 20).await;
    let mut stream = client.get("/sse/notifications/").await.into_body();
    within("the opening", stream.data()).await;
    assert_eq!(server.connections(), 2);
    namespace.swallow();
    eventually("the end of both connections", || async {
        (server.connections() == 0).then_some(())
    })
    .await;
}
