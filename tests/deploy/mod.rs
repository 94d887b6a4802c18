//! The content of `deploy/`: two servers on one database, behind nginx; units for systemd; manifests for Kubernetes.

mod browser;
mod kubernetes;
mod outage;
mod proxy;
mod rolling_restart;
mod supervised;
mod units;

use rustix::process::Signal;

use crate::harness::{Client, Database, Nginx, Server, eventually, server::free_address};

/// Two servers on one database, behind nginx.
struct Deployment {
    servers: [Option<Server>; 2],
    nginx: Nginx,
}

impl Deployment {
    /// Starts it all, on PostgreSQL.
    async fn start(arguments: &[&str]) -> Self {
        Self::start_on(&Database::postgres().await, arguments).await
    }

    /// Starts it all on this database. The servers keep their addresses over restarts.
    async fn start_on(database: &Database, arguments: &[&str]) -> Self {
        let addresses = [free_address(), free_address()];
        let [one, other] = addresses.map(|it| it.to_string());
        let arguments = |listen| [&["--listen", listen], arguments].concat();
        let first = Server::start_on(database, &arguments(&one)).await;
        let second = Server::start_on(database, &arguments(&other)).await;
        Self {
            servers: [Some(first), Some(second)],
            nginx: Nginx::start(addresses).await,
        }
    }

    /// One of the servers.
    fn server(&self, number: usize) -> &Server {
        self.servers[number].as_ref().expect("a server")
    }

    /// Ends one of the servers.
    async fn stop(&mut self, number: usize, signal: Signal) {
        self.server(number).signal(signal);
        self.servers[number]
            .as_mut()
            .expect("a server")
            .wait()
            .await;
    }

    /// Starts a server that has ended; returns when it is ready.
    async fn start_again(&mut self, number: usize) {
        let server = self.servers[number].take().expect("a server");
        let server = server.restart().await;
        let client = server.client();
        eventually("readiness", || async {
            (client.get("/readyz").await.status == 200).then_some(())
        })
        .await;
        self.servers[number] = Some(server);
    }

    /// A client that talks to nginx and is logged in as a new user.
    async fn user(&self, name: &str) -> Client {
        let mut client = self.nginx.client();
        client.register_and_log_in(name).await;
        client
    }
}
