//! Accounts that cannot be created over HTTP.

use super::{Client, Server};

impl Server {
    /// A client that is logged in as a new administrator.
    pub async fn admin(&self, name: &str) -> Client {
        self.run_with(&["user", "add", name, "--admin"], "correct horse\n")
            .await;
        let mut client = self.client();
        client.log_in(name).await;
        client
    }
}
