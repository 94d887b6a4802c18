//! Proxies that compress, by the lines for it in their configurations that are comments.

use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING};

use super::Deployment;
use crate::harness::{
    Database, Stream,
    client::http,
    proxy::{Kind, uncommented},
    within,
};

behind_each_proxy!(answers_are_compressed_and_streams_are_not);

async fn answers_are_compressed_and_streams_are_not(kind: Kind) {
    let lines = match kind {
        Kind::Nginx => ["gzip on;", "gzip_types "],
        Kind::Haproxy => ["compression algo ", "compression type "],
        Kind::Caddy => ["@rest not ", "encode @rest "],
    };
    let options = ["--keep-alive", "1h", "--poll-interval", "20ms"];
    let database = Database::sqlite();
    let deployment = Deployment::start_with(kind, &database, &options, |text, _| {
        let text = uncommented(&text, &lines);
        match kind {
            // It heeds the stream's `no-transform`, whatever the types.
            Kind::Haproxy => {
                text.replace("compression type ", "compression type text/event-stream ")
            }
            Kind::Nginx | Kind::Caddy => text,
        }
    })
    .await;
    let ada = deployment.user("ada").await;
    // Encoders begin when there is enough.
    let mut expected = Vec::new();
    for _ in 0..10 {
        expected.push(ada.board("one of many").await);
    }
    let get = async |path: &str| {
        let request = http().get(format!("{}{path}", deployment.proxy.url));
        let request = request.header(ACCEPT_ENCODING, "gzip");
        within("an answer", request.send())
            .await
            .expect("an answer")
    };
    let boards = get("/api/v1/boards").await;
    assert_eq!(boards.headers()[CONTENT_ENCODING], "gzip");

    let stream = get("/sse/notifications/?last_event_id=0").await;
    assert_eq!(stream.headers().get(CONTENT_ENCODING), None);
    let mut stream = Stream::of(stream);
    assert_eq!(stream.opening().await, 0);
    assert_eq!(stream.ids(10).await, expected);
    let next = ada.board("another").await;
    assert_eq!(stream.ids(1).await, [next]);
}
