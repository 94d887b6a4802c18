//! The servers that are measured, each as a child process.

mod dotcast;
mod kind;
mod peer;

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

pub use self::kind::Kind;
use self::kind::{Over, Program};
use crate::{
    error::{Context as _, Error, Result},
    http::Client,
    marker::Marker,
    streams::{Endpoint, wait},
    transport::{Certificate, Transport},
};

/// Time limit for a server to start or stop.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a server that is no longer needed may take to end cleanly.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Where programs and files are.
#[derive(Clone, Debug)]
pub struct Places {
    /// The dotcast program.
    pub dotcast: PathBuf,
    /// A folder on a disk for databases and logs.
    pub scratch: PathBuf,
}

/// A running server.
pub struct Server {
    kind: Kind,
    places: Places,
    child: Child,
    address: SocketAddr,
    target: Target,
    folder: PathBuf,
    certificate: Option<Certificate>,
}

/// How events get in and out.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where the stream is.
    pub subscribe: String,
    /// Where events are posted.
    pub publish: String,
    /// Headers that go with each POST.
    pub headers: Vec<(String, String)>,
    /// How it is reached. What is posted goes over HTTP/1.1 in any case.
    transport: Transport,
    body: Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Board,
    Line,
}

impl Target {
    /// A client whose requests carry the headers that the target needs.
    pub fn client(&self, address: SocketAddr) -> Client {
        let headers = self.headers.iter();
        let client = Client::new(address).over(&self.transport);
        headers.fold(client, |client, (name, value)| {
            client.with_header(name, value)
        })
    }

    /// The body to post for an event.
    pub fn body(&self, marker: Marker) -> String {
        match self.body {
            Body::Board => format!("{{\"name\":\"{marker}\",\"rows\":2,\"cols\":2,\"dots\":[]}}"),
            // What dotcast's stream says about such a board, so that every server sends the same.
            Body::Line => format!(
                "{{\"board_id\":{},\"board_name\":\"{marker}\",\"creator_username\":\"load\"}}",
                marker.sequence + 1
            ),
        }
    }
}

impl Server {
    /// Starts it with these variables in its environment, and waits until it accepts connections.
    pub fn start_with(kind: &Kind, places: &Places, environment: &[(&str, &str)]) -> Result<Self> {
        let port = free_port()?;
        let folder = places.scratch.join(format!("{port}"));
        fs::create_dir_all(&folder).context(folder.display().to_string())?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let (certificate, transport) = secure(kind.over, &folder)?;
        let child = spawn(
            kind,
            places,
            &folder,
            port,
            certificate.as_ref(),
            environment,
        )?;
        let mut server = Self {
            kind: kind.clone(),
            places: places.clone(),
            child,
            address,
            target: Target {
                subscribe: "/".to_owned(),
                publish: "/".to_owned(),
                headers: Vec::new(),
                transport,
                body: Body::Line,
            },
            folder,
            certificate,
        };
        server.wait_ready()?;
        match &kind.program {
            Program::Limit => {}
            Program::Dotcast => dotcast::log_in(&mut server.target, address)?,
            Program::Peer(folder) => peer::describe(&mut server.target, address, folder)?,
        }
        Ok(server)
    }

    /// Restarts it on the same port and database.
    pub fn restart_with(&mut self, environment: &[(&str, &str)]) -> Result<()> {
        self.child = spawn(
            &self.kind,
            &self.places,
            &self.folder,
            self.address.port(),
            self.certificate.as_ref(),
            environment,
        )?;
        self.wait_ready()
    }

    /// Ends it cleanly.
    pub fn stop(&mut self) -> Result<()> {
        self.stop_within(PATIENCE)
    }

    fn stop_within(&mut self, limit: Duration) -> Result<()> {
        if let Some(id) = pid(self.process()) {
            let _ = kill_process(id, Signal::TERM);
        }
        self.wait_ended(limit)
    }

    /// Ends it as a crash would. [`kill_group`] may already have done so.
    pub fn kill(&mut self) -> Result<()> {
        kill_group(self.process());
        self.wait_ended(PATIENCE)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where to subscribe and publish.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Where its streams are.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint {
            address: self.address,
            path: self.target.subscribe.clone(),
            transport: self.target.transport.clone(),
        }
    }

    /// The root of its process tree.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Its database, if it has one.
    pub fn database_url(&self) -> String {
        dotcast::database_url(&self.folder)
    }

    /// What it has written to standard error so far.
    pub fn log(&self) -> String {
        let log = fs::read(self.folder.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    fn wait_ready(&mut self) -> Result<()> {
        let what = format!("the start of {}", self.kind);
        let mut ended = None;
        let waited = wait(&what, PATIENCE, || {
            ended = self.child.try_wait().ok().flatten();
            ended.is_some() || TcpStream::connect(self.address).is_ok()
        });
        if ended.is_some() || waited.is_err() {
            let log = self.log();
            let lines: Vec<_> = log.lines().rev().take(5).collect();
            let last: Vec<_> = lines.into_iter().rev().collect();
            let last = last.join("\n");
            return Err(Error::Server(format!(
                "{} does not start:\n{last}",
                self.kind
            )));
        }
        Ok(())
    }

    fn wait_ended(&mut self, limit: Duration) -> Result<()> {
        wait(&format!("the end of {}", self.kind), limit, || {
            !matches!(self.child.try_wait(), Ok(None))
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A peer may have folders of its own to remove; our own servers leave nothing but the folder that is removed
        // here.
        if matches!(self.kind.program, Program::Peer(_)) && self.stop_within(LAST_WORDS).is_err() {
            eprintln!("{} did not stop when told to", self.kind);
        }
        kill_group(self.process());
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A certificate, if one is needed, and how clients reach a server that has it.
fn secure(over: Over, folder: &Path) -> Result<(Option<Certificate>, Transport)> {
    if over == Over::Tcp {
        return Ok((None, Transport::Plain));
    }
    let certificate = Certificate::make(folder)?;
    let config = |protocols: &[&[u8]]| certificate.client(protocols);
    let transport = if over == Over::Http2 {
        Transport::Http2 {
            streams: config(&[b"h2"])?,
            requests: config(&[b"http/1.1"])?,
        }
    } else {
        Transport::Tls(config(&[b"http/1.1"])?)
    };
    Ok((Some(certificate), transport))
}

fn spawn(
    kind: &Kind,
    places: &Places,
    folder: &Path,
    port: u16,
    certificate: Option<&Certificate>,
    environment: &[(&str, &str)],
) -> Result<Child> {
    use std::os::unix::process::CommandExt as _;

    let mut command = match &kind.program {
        Program::Limit => {
            let this = std::env::current_exe().context("our own program")?;
            let mut command = Command::new(this);
            command.args(["limit", "--port", &port.to_string()]);
            command
        }
        Program::Dotcast => dotcast::command(&places.dotcast, folder, port),
        Program::Peer(folder) => peer::command(folder, port)?,
    };
    let log = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("log"));
    if let Some(Certificate { cert, key }) = certificate {
        // dotcast's own variables; peers that can read them, too.
        command
            .env("DOTCAST_TLS_CERT", cert)
            .env("DOTCAST_TLS_KEY", key);
    }
    command
        .args(&kind.flags)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log.context("the server's log")?)
        // A process group of its own, so that all of its processes can be ended together.
        .process_group(0)
        .spawn()
        .context(format!("starting {kind}"))
}

/// Kills a server and everything that it has started (SIGKILL).
pub fn kill_group(process: u32) {
    if let Some(id) = pid(process) {
        // This fails only if the server has already ended.
        let _ = kill_process_group(id, Signal::KILL);
    }
}

fn pid(process: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(process).ok()?)
}

/// A port of loopback that is free now.
pub fn free_port() -> Result<u16> {
    use std::sync::atomic::{AtomicU16, Ordering};

    // Below the system's ephemeral ports, thousands of which will soon be in use.
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 100 * 100).unwrap_or(0);
    for _ in 0..10_000 {
        let port = 10_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Error::Server("no port is free".to_owned()))
}
