//! A proxy with the configuration that ships in `deploy/`, as a child process.

mod kind;

use std::{
    fs::{self, Permissions},
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    process::Stdio,
    sync::{Arc, Mutex},
};

use rustix::process::Signal;
use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use super::{
    Certificates, Client, eventually, run,
    server::{free_address, lines_of, send},
};

pub use kind::{Kind, Place, replaced};

/// A running proxy.
pub struct Proxy {
    kind: Kind,
    child: Child,
    pub url: String,
    log: Arc<Mutex<String>>,
    directory: TempDir,
}

impl Proxy {
    /// Starts a proxy in front of these two instances, which need not run yet.
    pub async fn start(kind: Kind, instances: [SocketAddr; 2]) -> Self {
        Self::start_with(kind, instances, |text, _| text).await
    }

    /// Like [`start`](Self::start), with a configuration that is changed first.
    pub async fn start_with(
        kind: Kind,
        instances: [SocketAddr; 2],
        change: impl FnOnce(String, &Place) -> String,
    ) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        // If it is started by root, its workers may run as another user.
        fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).expect("chmod");
        let place = Place {
            directory: directory.path(),
            address: free_address(),
            instances,
        };
        let address = place.address;
        let configuration = change(kind.configuration(&place), &place);
        let mut child = Command::from(kind.command(&place, &configuration))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|why| panic!("{0}: {why}: apt-get install {0}", kind.name()));
        let log = Arc::<Mutex<String>>::default();
        lines_of(child.stderr.take().expect("stderr"), Some(Arc::clone(&log)));
        let mut proxy = Self {
            kind,
            child,
            url: format!("http://{address}"),
            log,
            directory,
        };
        eventually(kind.name(), || {
            let ended = proxy.child.try_wait().expect("wait");
            assert_eq!(ended, None, "{kind:?} does not start: {}", proxy.log());
            async move { TcpStream::connect(address).await.ok() }
        })
        .await;
        proxy
    }

    /// Starts a proxy that speaks TLS, by the lines for it in the configuration that are comments.
    pub async fn start_encrypted(
        kind: Kind,
        instances: [SocketAddr; 2],
        certificates: &Certificates,
    ) -> Self {
        let [cert, key] = ["server.crt", "server.key"].map(|it| certificates.path(it));
        let mut proxy = Self::start_with(kind, instances, |text, place| {
            let address = place.address;
            match kind {
                Kind::Nginx => {
                    let text = replaced(&text, &[(&format!("listen {address};\n"), "")]);
                    let lines = ["listen 443 ", "ssl_certificate ", "ssl_certificate_key "];
                    replaced(
                        &uncommented(&text, &lines),
                        &[
                            ("listen 443 ", &format!("listen {address} ")),
                            ("/etc/ssl/dotcast.pem", &cert.display().to_string()),
                            ("/etc/ssl/private/dotcast.key", &key.display().to_string()),
                        ],
                    )
                }
                Kind::Haproxy => {
                    let both = [&cert, &key].map(|it| fs::read_to_string(it).expect("PEM"));
                    let file = place.directory.join("dotcast.pem");
                    fs::write(&file, both.concat()).expect("a file");
                    let text = replaced(&text, &[(&format!("bind {address}\n"), "")]);
                    replaced(
                        &uncommented(&text, &["bind :443 "]),
                        &[
                            ("bind :443 ", &format!("bind {address} ")),
                            ("/etc/haproxy/dotcast.pem", &file.display().to_string()),
                        ],
                    )
                }
                Kind::Caddy => replaced(
                    &uncommented(&text, &["tls "]),
                    &[
                        // Where it redirects from.
                        (
                            "\tgrace_period ",
                            &format!("\thttp_port {}\n\tgrace_period ", free_address().port()),
                        ),
                        ("/etc/ssl/dotcast.pem", &cert.display().to_string()),
                        ("/etc/ssl/private/dotcast.key", &key.display().to_string()),
                    ],
                ),
            }
        })
        .await;
        proxy.url = proxy.url.replace("http:", "https:");
        proxy
    }

    /// A client that is not logged in.
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// What it has reported so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("no panic").clone()
    }

    /// Makes it read its configuration again.
    pub async fn reload(&self) {
        match self.kind {
            Kind::Nginx => send(&self.child, Signal::HUP),
            Kind::Haproxy => send(&self.child, Signal::USR2),
            Kind::Caddy => {
                let command = self.kind.reload_command(self.directory.path());
                let mut command = Command::from(command.expect("a command"));
                let reload = run(&mut command, "").await;
                assert_eq!(reload.code, Some(0), "{reload:?}");
            }
        }
    }
}

impl Drop for Proxy {
    /// Workers outlive a master that is killed, so masters get a signal that they can pass on. Caddy has none, and would
    /// wait for its connections.
    fn drop(&mut self) {
        if self.child.id().is_some() {
            let signal = match self.kind {
                Kind::Nginx | Kind::Haproxy => Signal::TERM,
                Kind::Caddy => Signal::KILL,
            };
            send(&self.child, signal);
        }
    }
}

/// Turns the comments that begin with these into lines.
pub fn uncommented(text: &str, lines: &[&str]) -> String {
    lines.iter().fold(text.to_owned(), |text, line| {
        replaced(&text, &[(&format!("# {line}"), line)])
    })
}
