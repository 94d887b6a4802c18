//! The same stream over every version of HTTP.

use std::process::Stdio;

use tokio::{io::AsyncReadExt as _, process::Command};

use super::Wire;
use crate::harness::{Client, Server, within};

/// curl's output from a stream until it ends like this.
pub(super) async fn curl(arguments: &[&str], url: &str, end: &str) -> String {
    let mut child = Command::new("curl")
        .arg("-sN")
        .args(arguments)
        .arg(url)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("curl is installed: apt-get install curl");
    let mut output = child.stdout.take().expect("stdout");
    let mut text = Vec::new();
    let read = async {
        while !text.ends_with(end.as_bytes()) {
            text.push(output.read_u8().await.expect("more"));
        }
    };
    within(&format!("{end:?}"), read).await;
    String::from_utf8(text).expect("text")
}

async fn draw(user: &Client) {
    let board = user.board("one").await;
    for _ in 0..3 {
        user.path(board).await;
    }
    user.board("two").await;
    user.until_settled(5).await;
}

#[tokio::test]
async fn a_stream_is_the_same_over_all_versions() {
    let server = Server::start().await;
    draw(&server.user("ada").await).await;
    for query in ["?last_event_id=0", "?last_event_id=1&types=newBoard"] {
        let url = format!("{}/sse/notifications/{query}", server.url);
        let end = "\"board_name\":\"two\",\"creator_username\":\"ada\"}\n\n";
        let plain = curl(&["--http1.1"], &url, end).await;
        assert!(plain.starts_with(": dotcast\nretry: 2000\nid: "), "{plain}");
        assert_eq!(curl(&["--http1.0"], &url, end).await, plain);
        assert_eq!(curl(&["--http2-prior-knowledge"], &url, end).await, plain);
    }
}

#[tokio::test]
async fn many_streams_share_one_connection_of_http_2() {
    let server = Server::start().await;
    let user = server.user("ada").await;
    let http = reqwest::Client::builder()
        .http2_prior_knowledge()
        .build()
        .expect("a client");
    let before = server.open_files();
    let mut streams = Vec::new();
    for _ in 0..100 {
        let url = format!("{}/sse/notifications/", server.url);
        let stream = http.get(url).send().await.expect("a stream");
        assert_eq!(stream.version(), reqwest::Version::HTTP_2);
        streams.push(stream);
    }
    assert!(server.open_files() < before + 10);
    user.board("one").await;
    for mut stream in streams {
        let mut text = String::new();
        while !text.contains("event: newBoard") {
            let chunk = within("a chunk", stream.chunk()).await;
            let chunk = chunk.expect("no error").expect("no end");
            text.push_str(str::from_utf8(&chunk).expect("text"));
        }
    }
}

#[tokio::test]
async fn a_stream_of_http_1_0_has_no_chunks_and_ends_with_its_connection() {
    let mut server = Server::start().await;
    let mut wire = Wire::connect(&server).await;
    wire.send("GET /sse/notifications/ HTTP/1.0\r\n\r\n").await;
    let opening = wire.until("\n\n").await.to_lowercase();
    assert!(!opening.contains("chunked"), "{opening}");
    server.signal(rustix::process::Signal::TERM);
    let rest = wire.rest().await.expect("no reset");
    assert!(
        rest.starts_with("retry: ") && rest.ends_with("\n\n"),
        "{rest}"
    );
    assert!(server.wait().await.success());
}
