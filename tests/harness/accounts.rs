//! Accounts that nobody can make over HTTP.

use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;

use super::{Client, Server, server::program, within};

impl Server {
    /// A client that is logged in as a new administrator.
    pub async fn admin(&self, name: &str) -> Client {
        let mut child = program()
            .args(["user", "add", name, "--admin"])
            .env("DATABASE_URL", self.database_url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("stdin");
        stdin.write_all(b"correct horse\n").await.expect("write");
        drop(stdin);
        let output = within("the command's end", child.wait_with_output())
            .await
            .expect("wait");
        assert!(output.status.success(), "{output:?}");
        let mut client = self.client();
        client.log_in(name).await;
        client
    }
}
