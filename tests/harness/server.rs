//! The built program as a child process.

use std::{
    net::{SocketAddr, TcpListener, UdpSocket},
    process::{ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::{Child, Command},
    sync::mpsc,
};

use super::{Client, Database, Launch, Stream, eventually, run, within};

/// The program under test.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dotcast"));
    without_settings(&mut command);
    command
}

/// The tests say themselves what is configured. And what cargo says about this package would make another cargo, below
/// the command, rebuild every crate whose build script looks at it, such as ring.
pub fn without_settings(command: &mut Command) {
    let prefixes = ["DOTCAST_", "OTEL_", "CARGO_MANIFEST_", "CARGO_PKG_"];
    let names = ["DATABASE_URL", "OUT_DIR", "RUST_LOG"];
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if prefixes.iter().any(|it| text.starts_with(it)) || names.contains(&&*text) {
            command.env_remove(name);
        }
    }
    command.kill_on_drop(true);
}

/// A running server with a database of its own.
pub struct Server {
    child: Child,
    pub url: String,
    launch: Launch,
    database: Database,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// Starts a server with default options.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts a server with these options.
    pub async fn start_with(arguments: &[&str]) -> Self {
        Self::start_on(&Database::new().await, arguments).await
    }

    /// Starts a server on this database, which others may share.
    pub async fn start_on(database: &Database, arguments: &[&str]) -> Self {
        Self::launch(database, Launch::with(arguments)).await
    }

    /// Starts a server on this database in this way.
    pub async fn launch(database: &Database, launch: Launch) -> Self {
        let started = Self::try_launch(database, launch).await;
        started.unwrap_or_else(|why| panic!("the server does not start: {why}"))
    }

    /// Like [`launch`](Self::launch); if it does not start, its one-line complaint.
    pub async fn try_launch(database: &Database, launch: Launch) -> Result<Self, String> {
        let mut child = spawn(database, &launch);
        let log = Arc::<Mutex<String>>::default();
        lines_of(child.stderr.take().expect("stderr"), Some(Arc::clone(&log)));
        let mut lines = lines_of(child.stdout.take().expect("stdout"), None);
        let banner = within("the server's start", lines.recv()).await;
        let mut server = Self {
            child,
            url: String::new(),
            launch,
            database: database.clone(),
            log,
        };
        let Some(banner) = banner else {
            return Err(server.complaint().await);
        };
        server.url = url_in(&banner);
        Ok(server)
    }

    /// A client that is not logged in.
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// A client that is logged in as a new user.
    pub async fn user(&self, name: &str) -> Client {
        let mut client = self.client();
        client.register_and_log_in(name).await;
        client
    }

    /// An open stream past `cursor`, or from now.
    pub async fn stream(&self, cursor: Option<i64>) -> Stream {
        Stream::open(&self.url, "", cursor).await
    }

    /// Its database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("no panic").clone()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        send(&self.child, signal);
    }

    /// Its process.
    pub fn process_id(&self) -> i32 {
        let id = self.child.id().expect("a running server");
        i32::try_from(id).expect("a process id")
    }

    /// How many files and sockets the server has open.
    pub fn open_files(&self) -> usize {
        let id = self.process_id();
        std::fs::read_dir(format!("/proc/{id}/fd"))
            .expect("Linux")
            .count()
    }

    /// How many connections of clients the server has open.
    pub fn connections(&self) -> usize {
        let port = self.url.rsplit(':').next().expect("a port");
        let port: u16 = port.parse().expect("a port");
        let local = format!(":{port:04X}");
        // In its network namespace, which may be its own.
        let sockets = format!("/proc/{}/net/tcp", self.process_id());
        let sockets = std::fs::read_to_string(sockets).expect("Linux");
        let open = sockets.lines().filter(|line| {
            let fields: Vec<_> = line.split_whitespace().collect();
            // The state: established, or closed by the client only.
            fields[1].ends_with(&local) && ["01", "08"].contains(&fields[3])
        });
        open.count()
    }

    /// Waits for the end of the process.
    pub async fn wait(&mut self) -> ExitStatus {
        within("the server's end", self.child.wait())
            .await
            .expect("wait")
    }

    /// Kills it, so that nothing is put in order, and waits for its end.
    pub async fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.wait().await;
    }

    /// How it ended, if it has.
    pub fn try_wait(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("wait")
    }

    /// Waits for its end, which must be a failure with a one-line message; returns that line.
    pub async fn complaint(&mut self) -> String {
        let status = self.wait().await;
        // By then the log has been read to its end.
        eventually("the end of the log", || async {
            (Arc::strong_count(&self.log) == 1).then_some(())
        })
        .await;
        let log = self.log();
        let lines: Vec<_> = log.lines().filter(|it| it.starts_with("error: ")).collect();
        assert_eq!((status.code(), lines.len()), (Some(1), 1), "{log}");
        lines[0].to_owned()
    }

    /// Starts the server again on the same database, after it has ended.
    pub async fn restart(self) -> Self {
        let started = self.try_restart().await;
        started.unwrap_or_else(|why| panic!("the server does not start: {why}"))
    }

    /// Like [`restart`](Self::restart); if it does not start, its one-line complaint.
    pub async fn try_restart(mut self) -> Result<Self, String> {
        self.wait().await;
        Self::try_launch(&self.database, self.launch).await
    }

    /// Runs another command of the program on the same database; returns what it prints.
    pub async fn run(&self, arguments: &[&str]) -> String {
        self.run_with(arguments, "").await
    }

    /// Like [`run`](Self::run), with this on its standard input.
    pub async fn run_with(&self, arguments: &[&str], input: &str) -> String {
        let mut command = program();
        command
            .args(arguments)
            .env("DATABASE_URL", self.database.url());
        run(&mut command, input).await.printed()
    }
}

/// Starts the program as a server; the caller reads its output.
pub fn serve(database: &Database, arguments: &[String]) -> Child {
    let launch = Launch {
        arguments: arguments.to_vec(),
        ..Launch::default()
    };
    spawn(database, &launch)
}

fn spawn(database: &Database, launch: &Launch) -> Child {
    let mut command = program();
    if let Some((first, rest)) = launch.wrapper.split_first() {
        command = Command::new(first);
        command.args(rest).arg(env!("CARGO_BIN_EXE_dotcast"));
        without_settings(&mut command);
    }
    command
        .arg("serve")
        .args(&launch.arguments)
        // By environment, so that a flag among the arguments wins.
        .env("DOTCAST_LISTEN", "127.0.0.1:0")
        .env("DATABASE_URL", database.url())
        .envs(launch.environment.iter().cloned())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// The address that a starting server says it listens on.
pub async fn announced_url(child: &mut Child) -> String {
    let mut lines = lines_of(child.stdout.take().expect("stdout"), None);
    let banner = within("the server's start", lines.recv()).await;
    url_in(&banner.expect("the server starts; its log says why not"))
}

fn url_in(banner: &str) -> String {
    banner.split(' ').next_back().expect("a URL").to_owned()
}

/// An address that stays free until it is taken: below the ports that the system assigns, or another test's server
/// could get it during an outage.
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 250 * 40).expect("small");
    loop {
        let offset = (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000;
        let address = SocketAddr::from(([127, 0, 0, 1], 20_000 + offset));
        // Tests run in several processes. The UDP port of the same number, which nobody else needs, tells the others
        // that this one is spoken for until the process ends.
        let Ok(claim) = UdpSocket::bind(address) else {
            continue;
        };
        std::mem::forget(claim);
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// Sends a signal to a process that has not yet been waited for.
pub fn send(child: &Child, signal: Signal) {
    let id = child.id().expect("a running process");
    let id = Pid::from_raw(i32::try_from(id).expect("a process id")).expect("a process id");
    kill_process(id, signal).expect("kill");
}

/// Reads a pipe to its end, so that the process never blocks on us.
pub fn lines_of(
    pipe: impl AsyncRead + Unpin + Send + 'static,
    log: Option<Arc<Mutex<String>>>,
) -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut lines = BufReader::new(pipe).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(log) = &log {
                let mut log = log.lock().expect("no panic");
                log.push_str(&line);
                log.push('\n');
            }
            // Even if nobody listens any more, the pipe must be drained.
            let _ = sender.send(line);
        }
    });
    receiver
}
