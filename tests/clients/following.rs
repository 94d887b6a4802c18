//! The examples of programs that follow a board: each prints each event of the board once, in order, over cuts, outages
//! and a proxy that answers for a server that is away. The one for browsers is tested in `web/e2e`.

use std::{
    net::SocketAddr,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    process::Command,
};

use crate::harness::{Database, Follower, Server, server::free_address, within};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// An example that needs no compiler.
fn example(name: &str) -> PathBuf {
    root().join("examples/clients").join(name)
}

/// Answers one request as a proxy does whose server is away.
async fn answer_as_a_proxy(address: SocketAddr) {
    let listener = TcpListener::bind(address).await.expect("bind");
    let (mut socket, _) = within("a request", listener.accept())
        .await
        .expect("accept");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(within("a request", socket.read_u8()).await.expect("read"));
    }
    let answer = "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\
                  Connection: close\r\n\r\n<h1>\n";
    socket.write_all(answer.as_bytes()).await.expect("write");
}

/// Runs the program with the server's URL and a board's id, and sees to what it prints.
async fn prints_each_event_once(mut program: Command) {
    let address = free_address();
    let listen = address.to_string();
    let options = ["--listen", &listen, "--retry", "50ms"];
    let mut server = Server::start_on(&Database::sqlite(), &options).await;
    let mut user = server.user("ada").await;
    let other = user.board("another").await;
    // A separator of lines for some, but not for event streams.
    let board = user.board("followed \u{2028} by many").await;
    program.args([&server.url, &board.to_string()]);
    let mut follower = Follower::run(program);
    let mut printed = vec![follower.line().await];
    for signal in [Signal::KILL, Signal::TERM] {
        user.path(board).await;
        printed.push(follower.line().await);
        user.path(other).await;
        server.signal(signal);
        server.wait().await;
        answer_as_a_proxy(address).await;
        // Another program writes while no server runs.
        for topic in [board, other] {
            let insert = format!(
                "INSERT INTO events (type, topic, payload) VALUES ('newPath', {topic}, \
                 '{{\"path_id\":0,\"board_id\":{topic},\"board_name\":\"?\",\"user_username\":\"eve\"}}')"
            );
            server.database().execute(&insert).await;
        }
        server = server.restart().await;
        user = server.client();
        user.log_in("ada").await;
        printed.push(follower.line().await);
    }
    user.delete(&format!("/api/v1/boards/{board}"))
        .await
        .expect(204);
    printed.push(follower.line().await);
    let (_, rest) = follower.end(Signal::KILL).await;
    printed.extend(rest);

    let log = format!("/api/v1/events?after=0&board_id={board}");
    let log = server.client().get(&log).await.expect(200);
    let line = |event: &Value| {
        let kind = event["type"].as_str().expect("a type");
        format!("{} {kind} {}", event["id"], event["data"])
    };
    let items = log.body["items"].as_array().expect("items");
    let owed: Vec<_> = items.iter().map(line).collect();
    assert_eq!(printed, owed);
    assert_eq!(owed.len(), 6);
}

#[tokio::test]
async fn curl() {
    prints_each_event_once(Command::new(example("follow.sh"))).await;
}

#[tokio::test]
async fn python_with_httpx_sse() {
    let python = root().join("tests/clients/python/.venv/bin/python");
    assert!(python.exists(), "httpx-sse is missing: run .ci/clients");
    let mut program = Command::new(python);
    program.arg(example("follow.py"));
    prints_each_event_once(program).await;
}

/// Beside the packages, as in a project into which it was copied.
#[tokio::test]
async fn node_with_eventsource() {
    let packages = root().join("tests/clients/node_modules");
    let is_there = packages.join("eventsource").exists();
    assert!(is_there, "eventsource is missing: run .ci/clients");
    let project = TempDir::new().expect("a directory");
    let copy = project.path().join("follow.mjs");
    std::fs::copy(example("follow.mjs"), &copy).expect("copy");
    symlink(packages, project.path().join("node_modules")).expect("a link");
    let mut program = Command::new("node");
    program.arg(copy);
    prints_each_event_once(program).await;
}

#[tokio::test]
async fn rust_with_dotcast_client() {
    let server = Path::new(env!("CARGO_BIN_EXE_dotcast"));
    let program = server.with_file_name("examples").join("follow");
    assert!(
        program.exists(),
        "{} is missing: run `cargo build --workspace --examples`",
        program.display()
    );
    prints_each_event_once(Command::new(program)).await;
}

/// What people copy out of the document is what was tested.
#[test]
fn the_document_shows_the_examples_as_they_are() {
    let document = std::fs::read_to_string(root().join("docs/CLIENTS.md")).expect("the document");
    let mut shown = 0;
    for block in document.split("\n<!-- file: ").skip(1) {
        let (file, block) = block.split_once(" -->\n").expect("the end of the comment");
        let (_, block) = block.split_once("\n```").expect("a block");
        let (_, block) = block.split_once('\n').expect("its first line");
        let (block, _) = block.split_once("\n```").expect("its end");
        let example = std::fs::read_to_string(root().join(file)).expect(file);
        assert_eq!(
            block,
            example.trim_end(),
            "docs/CLIENTS.md shows another {file}"
        );
        assert!(example.lines().count() <= 40, "{file} is too long to copy");
        shown += 1;
    }
    assert_eq!(shown, 5);
}
