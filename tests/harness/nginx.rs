//! nginx with the configuration that ships, `deploy/nginx.conf`, as a child process.

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
    Client, eventually,
    server::{free_address, lines_of, send},
};

const CONFIGURATION: &str = include_str!("../../deploy/nginx.conf");
const INSTANCES: &str = include_str!("../../deploy/instances.conf");

/// A running nginx.
pub struct Nginx {
    child: Child,
    pub url: String,
    log: Arc<Mutex<String>>,
    _prefix: TempDir,
}

impl Nginx {
    /// Starts nginx in front of these two instances, which need not run yet.
    pub async fn start(instances: [SocketAddr; 2]) -> Self {
        Self::start_with(instances, |_| String::new()).await
    }

    /// Like [`start`](Self::start), with additional directives for HTTP, built from the path of its own directory.
    pub async fn start_with(instances: [SocketAddr; 2], more: impl FnOnce(&str) -> String) -> Self {
        let prefix = TempDir::new().expect("a temporary directory");
        // If it is started by root, its workers run as another user.
        fs::set_permissions(prefix.path(), Permissions::from_mode(0o755)).expect("chmod");
        let address = free_address();
        let here = prefix.path().display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|of| format!("    {of}_temp_path {here}/{of};\n"))
            .concat();
        let more = more(&here.to_string());
        let configuration = replaced(
            CONFIGURATION,
            &[
                ("listen 80;", &format!("listen {address};")),
                ("pid /run/nginx.pid;", &format!("pid {here}/nginx.pid;")),
                ("error_log /var/log/nginx/error.log;", "error_log stderr;"),
                (
                    "access_log /var/log/nginx/access.log;",
                    &format!("access_log {here}/access.log;"),
                ),
                ("http {\n", &format!("http {{\n{temporary}{more}")),
            ],
        );
        let [one, other] = instances.map(|it| it.to_string());
        let instances = replaced(
            INSTANCES,
            &[("127.0.0.1:8001", &one), ("127.0.0.1:8002", &other)],
        );
        let file = prefix.path().join("nginx.conf");
        fs::write(&file, configuration).expect("a file");
        fs::write(prefix.path().join("instances.conf"), instances).expect("a file");

        let mut child = Command::new(program())
            .arg("-p")
            .arg(prefix.path())
            .arg("-c")
            .arg(&file)
            .args(["-e", "stderr", "-g", "daemon off;"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("nginx is installed: apt-get install nginx");
        let log = Arc::<Mutex<String>>::default();
        lines_of(child.stderr.take().expect("stderr"), Some(Arc::clone(&log)));
        let mut nginx = Self {
            child,
            url: format!("http://{address}"),
            log,
            _prefix: prefix,
        };
        eventually("nginx", || {
            let ended = nginx.child.try_wait().expect("wait");
            assert_eq!(ended, None, "nginx does not start: {}", nginx.log());
            async move { TcpStream::connect(address).await.ok() }
        })
        .await;
        nginx
    }

    /// A client that is not logged in.
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// What it has reported so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("no panic").clone()
    }
}

impl Drop for Nginx {
    /// Stopped by a signal that it can pass on, because its workers would outlive a killed master.
    fn drop(&mut self) {
        if self.child.id().is_some() {
            send(&self.child, Signal::TERM);
        }
    }
}

/// Debian's directory for it is not on everybody's `PATH`.
fn program() -> &'static str {
    let place = "/usr/sbin/nginx";
    if fs::exists(place).unwrap_or(false) {
        place
    } else {
        "nginx"
    }
}

/// Replaces each of these in the text, which must contain it exactly once.
fn replaced(text: &str, replacements: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (ours, theirs) in replacements {
        assert_eq!(text.matches(ours).count(), 1, "{ours} in {text}");
        text = text.replace(ours, theirs);
    }
    text
}
