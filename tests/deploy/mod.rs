//! The content of `deploy/`: two servers on one database, behind each of the proxies; units for systemd; manifests for
//! Kubernetes.

/// Makes of each of these functions, which take a kind of proxy, a test for each kind.
macro_rules! behind_each_proxy {
    ($($test:ident),+ $(,)?) => {
        behind_each_proxy!(nginx Nginx: $($test),+);
        behind_each_proxy!(haproxy Haproxy: $($test),+);
        behind_each_proxy!(caddy Caddy: $($test),+);
    };
    ($module:ident $kind:ident: $($test:ident),+) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(crate::harness::proxy::Kind::$kind).await;
                }
            )+
        }
    };
}

mod browser;
mod clients;
mod encoding;
mod encrypted;
mod failing;
mod kubernetes;
mod outage;
mod proxy;
mod reload;
mod rolling_restart;
mod static_names;
mod supervised;
mod units;

use std::net::SocketAddr;

use rustix::process::Signal;

use crate::harness::{
    Client, Database, Proxy, Server, eventually,
    proxy::{Kind, Place},
    server::free_address,
};

/// Two servers on one database, behind a proxy.
struct Deployment {
    servers: [Option<Server>; 2],
    proxy: Proxy,
}

impl Deployment {
    /// Starts it all, on PostgreSQL.
    async fn start(kind: Kind, arguments: &[&str]) -> Self {
        Self::start_on(kind, &Database::postgres().await, arguments).await
    }

    /// Starts it all on this database. The servers keep their addresses over restarts.
    async fn start_on(kind: Kind, database: &Database, arguments: &[&str]) -> Self {
        Self::start_with(kind, database, arguments, |text, _| text).await
    }

    /// Like [`start_on`](Self::start_on), with a configuration of the proxy that is changed first.
    async fn start_with(
        kind: Kind,
        database: &Database,
        arguments: &[&str],
        change: impl FnOnce(String, &Place) -> String,
    ) -> Self {
        let (servers, addresses) = Self::servers(database, arguments).await;
        Self {
            servers,
            proxy: Proxy::start_with(kind, addresses, change).await,
        }
    }

    /// Starts the servers.
    async fn servers(
        database: &Database,
        arguments: &[&str],
    ) -> ([Option<Server>; 2], [SocketAddr; 2]) {
        let addresses = [free_address(), free_address()];
        let [one, other] = addresses.map(|it| it.to_string());
        let arguments = |listen| [&["--listen", listen], arguments].concat();
        let first = Server::start_on(database, &arguments(&one)).await;
        let second = Server::start_on(database, &arguments(&other)).await;
        ([Some(first), Some(second)], addresses)
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

    /// A client that talks to the proxy and is logged in as a new user.
    async fn user(&self, name: &str) -> Client {
        let mut client = self.proxy.client();
        client.register_and_log_in(name).await;
        client
    }
}
