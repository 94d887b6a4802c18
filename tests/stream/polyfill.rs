//! `event-source-polyfill`, for browsers whose own `EventSource` is missing or limited. It sends the last id as a
//! query parameter of its own, which is not the one in the page's URL.

use std::{path::Path, process::Stdio};

use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::harness::{Server, server::free_address, within};

/// A page that follows a stream.
struct Polyfill {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Polyfill {
    fn follow(url: &str) -> Self {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
        assert!(
            directory.join("node_modules").exists(),
            "the polyfill is missing: run .ci/clients"
        );
        let mut child = Command::new("node")
            .args(["event-source/follow.js", url])
            .current_dir(directory)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Node.js is installed: https://nodejs.org");
        let stdout = child.stdout.take().expect("stdout");
        Self {
            _child: child,
            lines: BufReader::new(stdout).lines(),
        }
    }

    /// The next message to the page, apart from disconnects.
    async fn told(&mut self) -> Value {
        loop {
            let line = within("a line", self.lines.next_line()).await;
            let line = line.expect("read").expect("the page goes on");
            let told: Value = serde_json::from_str(&line).expect("JSON");
            assert_ne!(told["gaveUp"], true, "the page has given up");
            if told["type"] != "cut" {
                return told;
            }
        }
    }
}

#[tokio::test]
async fn it_misses_and_repeats_nothing_over_restarts() {
    for query in ["", "?last_event_id=0", "?last_event_id=0&types=newBoard"] {
        let address = free_address().to_string();
        let mut server = Server::start_with(&["--listen", &address, "--retry", "50ms"]).await;
        let mut user = server.user("ada").await;
        let url = format!("{}/sse/notifications/{query}", server.url);
        let mut page = Polyfill::follow(&url);
        assert_eq!(page.told().await, json!({ "type": "cursor", "id": 0 }));
        let mut newest = 0;
        for signal in [Signal::KILL, Signal::TERM] {
            newest += 1;
            user.board("before").await;
            assert_eq!(
                page.told().await,
                json!({ "type": "newBoard", "id": newest })
            );
            server.signal(signal);
            server.wait().await;
            // Another program writes while no server runs.
            newest += 1;
            server
                .database()
                .execute(
                    "INSERT INTO events (type, topic, payload) \
                     VALUES ('newBoard', 1, '{\"board_id\":1}')",
                )
                .await;
            server = server.restart().await;
            user = server.client();
            user.log_in("ada").await;
            for told in [
                json!({ "type": "cursor", "id": newest - 1 }),
                json!({ "type": "newBoard", "id": newest }),
            ] {
                assert_eq!(page.told().await, told, "{query}");
            }
        }
    }
}
