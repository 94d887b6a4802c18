//! What systemd is told over `NOTIFY_SOCKET`, with a socket of the test's own.

use std::{
    os::{linux::net::SocketAddrExt as _, unix::net},
    path::Path,
};

use rustix::process::Signal;
use tempfile::TempDir;
use tokio::net::UnixDatagram;

use crate::harness::{Database, Launch, Server, within};

/// Receives what a service says.
struct Supervisor {
    socket: UnixDatagram,
    name: String,
}

impl Supervisor {
    /// At a path.
    fn at(path: &Path) -> Self {
        Self {
            socket: UnixDatagram::bind(path).expect("a socket"),
            name: path.display().to_string(),
        }
    }

    /// At a name that is in no directory.
    fn abstract_at(name: &str) -> Self {
        let address = net::SocketAddr::from_abstract_name(name).expect("a name");
        let socket = net::UnixDatagram::bind_addr(&address).expect("a socket");
        socket.set_nonblocking(true).expect("a socket");
        Self {
            socket: UnixDatagram::from_std(socket).expect("a socket"),
            name: format!("@{name}"),
        }
    }

    /// Starts a server under it, which has to show that it is alive at least this often.
    async fn start(&self, watchdog: &str) -> Server {
        let variables = [
            ("NOTIFY_SOCKET", self.name.as_str()),
            ("WATCHDOG_USEC", watchdog),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let launch = Launch::default().environment(variables);
        Server::launch(&Database::new().await, launch).await
    }

    /// The next message.
    async fn hears(&self) -> String {
        let mut buffer = [0; 256];
        let received = within("a message", self.socket.recv(&mut buffer)).await;
        String::from_utf8(buffer[..received.expect("a message")].to_vec()).expect("text")
    }
}

#[tokio::test]
async fn a_supervisor_is_told_when_the_server_is_ready_reloads_and_stops() {
    let directory = TempDir::new().expect("a directory");
    let name = format!("dotcast-test-{}", std::process::id());
    for supervisor in [
        Supervisor::at(&directory.path().join("notify")),
        Supervisor::abstract_at(&name),
    ] {
        let mut server = supervisor.start("0").await;
        assert_eq!(supervisor.hears().await, "READY=1");
        server.client().get("/readyz").await.expect(200);

        server.signal(Signal::HUP);
        let reloading = supervisor.hears().await;
        let since = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=");
        let since = since.unwrap_or_else(|| panic!("{reloading}"));
        assert!(since.parse::<u64>().expect("microseconds") > 0);
        assert_eq!(supervisor.hears().await, "READY=1");

        server.signal(Signal::TERM);
        assert_eq!(supervisor.hears().await, "STOPPING=1");
        assert!(server.wait().await.success());
    }
}

#[tokio::test]
async fn a_watchdog_is_fed_while_the_server_turns() {
    let directory = TempDir::new().expect("a directory");
    let supervisor = Supervisor::at(&directory.path().join("notify"));
    let _server = supervisor.start("100000").await;
    assert_eq!(supervisor.hears().await, "READY=1");
    for _ in 0..5 {
        assert_eq!(supervisor.hears().await, "WATCHDOG=1");
    }
}

#[tokio::test]
async fn a_supervisor_that_is_not_there_keeps_no_server_from_starting() {
    let variables = [("NOTIFY_SOCKET".to_owned(), "/nowhere".to_owned())];
    let launch = Launch::default().environment(variables);
    let server = Server::launch(&Database::new().await, launch).await;
    server.client().get("/readyz").await.expect(200);
    assert!(
        server.log().contains("cannot reach the supervisor"),
        "{}",
        server.log()
    );
}
