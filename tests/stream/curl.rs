//! The stream as people see it: `curl -N`.

use std::process::Stdio;

use tokio::{
    io::{AsyncReadExt as _, BufReader},
    process::{Child, ChildStdout, Command},
};

use crate::harness::{Server, within};

#[tokio::test]
async fn curl_resumes_with_exactly_what_it_missed() {
    let server = Server::start().await;
    let user = server.user("ada").await;
    let mut curl = Curl::follow(&server, &[]);
    curl.until("data: {\"id\":0}\n\n").await;
    user.board("one").await;
    let seen = curl.until("\"creator_username\":\"ada\"}\n\n").await;
    assert!(seen.ends_with(
        "id: 1\nevent: newBoard\ndata: {\"board_id\":1,\"board_name\":\"one\",\"creator_username\":\"ada\"}\n\n"
    ));
    curl.cut().await;

    user.board("two").await;
    user.path(1).await;
    user.until_settled(3).await;

    let mut curl = Curl::follow(&server, &["-H", "Last-Event-ID: 1"]);
    let seen = curl.until("event: newPath").await + &curl.until("\n\n").await;
    assert_eq!(
        seen,
        ": dotcast\nretry: 2000\nid: 1\nevent: cursor\ndata: {\"id\":1}\n\n\
         id: 2\nevent: newBoard\ndata: {\"board_id\":2,\"board_name\":\"two\",\"creator_username\":\"ada\"}\n\n\
         id: 3\nevent: newPath\ndata: {\"path_id\":1,\"board_id\":1,\"board_name\":\"one\",\"user_username\":\"ada\"}\n\n"
    );
}

struct Curl {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Curl {
    fn follow(server: &Server, arguments: &[&str]) -> Self {
        let mut child = Command::new("curl")
            .args(["-sN"])
            .args(arguments)
            .arg(format!("{}/sse/notifications/", server.url))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("curl is installed: apt-get install curl");
        let output = BufReader::new(child.stdout.take().expect("stdout"));
        Self { child, output }
    }

    /// Reads until the output ends like this.
    async fn until(&mut self, end: &str) -> String {
        let mut text = Vec::new();
        within(end, async {
            while !text.ends_with(end.as_bytes()) {
                text.push(self.output.read_u8().await.expect("more output"));
            }
        })
        .await;
        String::from_utf8(text).expect("UTF-8")
    }

    async fn cut(mut self) {
        self.child.kill().await.expect("kill");
    }
}
