//! How dotcast tells clients behind a proxy apart.

use std::net::SocketAddr;

use crate::harness::{Proxy, Server, Stream, client::http_from, proxy::Kind, within};

behind_each_proxy!(clients_do_not_share_limits);

const FIRST: [u8; 4] = [127, 0, 0, 2];
const SECOND: [u8; 4] = [127, 0, 0, 3];

async fn clients_do_not_share_limits(kind: Kind) {
    let options = [
        "--trusted-proxy",
        "127.0.0.1",
        "--max-streams-per-client",
        "1",
    ];
    let server = Server::start_with(&options).await;
    let address: SocketAddr = server
        .url
        .replace("http://", "")
        .parse()
        .expect("an address");
    let proxy = Proxy::start(kind, [address, address]).await;
    let url = format!("{}/sse/notifications/", proxy.url);
    let open = async |from: [u8; 4], claimed: [u8; 4]| {
        let claimed = claimed.map(|it| it.to_string()).join(".");
        let request = http_from(from).get(&url);
        let request = request.header("X-Forwarded-For", claimed);
        within("an answer", request.send())
            .await
            .expect("an answer")
    };
    // Each counts as itself, whoever it claims to be.
    let mut streams = Vec::new();
    for (from, claimed) in [(FIRST, SECOND), (SECOND, FIRST)] {
        let answer = open(from, claimed).await;
        assert_eq!(answer.status(), 200);
        let mut stream = Stream::of(answer);
        stream.opening().await;
        streams.push(stream);
        for claimed in [FIRST, SECOND, [203, 0, 113, 7]] {
            assert_eq!(open(from, claimed).await.status(), 429);
        }
    }
}
