//! The proxies that `deploy/` has configurations for. It stands alone: the load generator starts them, too.

use std::{fs, net::SocketAddr, path::Path, process::Command};

/// A kind of proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Nginx,
    Haproxy,
    Caddy,
}

/// Where a proxy runs.
pub struct Place<'a> {
    /// A directory of its own, for all its files.
    pub directory: &'a Path,
    /// The address that clients use.
    pub address: SocketAddr,
    /// The instances behind it.
    pub instances: [SocketAddr; 2],
}

impl Kind {
    /// Its name, which is that of its program and of its Debian package.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Caddy => "caddy",
        }
    }

    /// The configuration as it ships.
    pub fn shipped(self) -> &'static str {
        match self {
            Self::Nginx => include_str!("../../../deploy/nginx.conf"),
            Self::Haproxy => include_str!("../../../deploy/haproxy.cfg"),
            Self::Caddy => include_str!("../../../deploy/Caddyfile"),
        }
    }

    /// The same with this place's addresses and paths.
    pub fn configuration(self, place: &Place) -> String {
        let here = place.directory.display();
        let address = place.address;
        let [one, other] = place.instances.map(|it| it.to_string());
        let instances = [("127.0.0.1:8001", &*one), ("127.0.0.1:8002", &*other)];
        match self {
            Self::Nginx => {
                let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                    .map(|of| format!("    {of}_temp_path {here}/{of};\n"))
                    .concat();
                replaced(
                    self.shipped(),
                    &[
                        ("listen 80;", &format!("listen {address};")),
                        ("pid /run/nginx.pid;", &format!("pid {here}/nginx.pid;")),
                        ("error_log /var/log/nginx/error.log;", "error_log stderr;"),
                        ("/var/log/nginx/access.log", &format!("{here}/access.log")),
                        ("http {\n", &format!("http {{\n{temporary}")),
                    ],
                )
            }
            // Only root may be another user, and leave the rest of the files behind.
            Self::Haproxy => replaced(
                &replaced(self.shipped(), &instances),
                &[
                    ("bind :80\n", &format!("bind {address}\n")),
                    ("log /dev/log local0\n", "log stderr format raw local0\n"),
                    ("    user haproxy\n", ""),
                    ("    group haproxy\n", ""),
                    ("    chroot /var/lib/haproxy\n", ""),
                ],
            ),
            Self::Caddy => replaced(
                &replaced(self.shipped(), &instances),
                &[
                    (
                        "\n:80 {\n",
                        &format!("\n:{} {{\n\tbind {}\n", address.port(), address.ip()),
                    ),
                    ("/var/log/caddy/access.log", &format!("{here}/access.log")),
                ],
            ),
        }
    }

    /// The command that runs it in the foreground with this configuration. It logs to standard error.
    pub fn command(self, place: &Place, configuration: &str) -> Command {
        let file = place.directory.join("configuration");
        fs::write(&file, configuration).expect("a file");
        let mut command = Command::new(self.program());
        match self {
            Self::Nginx => {
                let [one, other] = place.instances.map(|it| it.to_string());
                let instances = replaced(
                    include_str!("../../../deploy/instances.conf"),
                    &[("127.0.0.1:8001", &one), ("127.0.0.1:8002", &other)],
                );
                fs::write(place.directory.join("instances.conf"), instances).expect("a file");
                command.arg("-p").arg(place.directory);
                command.arg("-c").arg(&file);
                command.args(["-e", "stderr", "-g", "daemon off;"]);
            }
            // With a master process, as Debian and the image start it.
            Self::Haproxy => {
                command.args(["-W", "-f"]).arg(&file);
            }
            Self::Caddy => {
                command
                    .args(["run", "--adapter", "caddyfile", "--config"])
                    .arg(&file);
            }
        }
        self.keep_at(place.directory, &mut command);
        command
    }

    /// The command that makes it read its configuration again, if that is not a signal.
    pub fn reload_command(self, directory: &Path) -> Option<Command> {
        (self == Self::Caddy).then(|| {
            let mut command = Command::new(self.program());
            command
                .args(["reload", "--force", "--adapter", "caddyfile", "--config"])
                .arg(directory.join("configuration"));
            self.keep_at(directory, &mut command);
            command
        })
    }

    /// Where Caddy keeps what its configuration does not name.
    fn keep_at(self, directory: &Path, command: &mut Command) {
        if self == Self::Caddy {
            let socket = directory.join("admin.sock");
            command
                .env("CADDY_ADMIN", format!("unix/{}", socket.display()))
                .envs([("XDG_DATA_HOME", directory), ("XDG_CONFIG_HOME", directory)]);
        }
    }

    /// Debian's directory for most of them is not on everybody's `PATH`.
    fn program(self) -> String {
        let place = format!("/usr/sbin/{}", self.name());
        if fs::exists(&place).unwrap_or(false) {
            place
        } else {
            self.name().to_owned()
        }
    }
}

/// Replaces each of these in a text, which must contain it.
pub fn replaced(text: &str, replacements: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (ours, theirs) in replacements {
        assert!(text.contains(ours), "no {ours:?} in {text}");
        text = text.replace(ours, theirs);
    }
    text
}
