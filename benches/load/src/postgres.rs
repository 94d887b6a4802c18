//! A PostgreSQL of our own, on a disk and with real commits, which ends with us.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    error::{Context as _, Error, Result},
    server::free_port,
    streams::wait,
};

/// Time limit for it to start and to end.
const PATIENCE: Duration = Duration::from_mins(1);
/// As it comes, except that a log of millions of rows is filled without a checkpoint every few seconds.
const SETTINGS: &str = "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 200\n\
    max_wal_size = 8GB\nshared_buffers = 512MB\n";

/// A running server with a folder of its own.
pub struct Postgres {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Postgres {
    /// Makes and starts one, in `$TMPDIR` or `/tmp`: the user whom it runs as has to get there.
    pub fn start() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("dotcast-load-{}", std::process::id()));
        fs::create_dir_all(&folder).context(folder.display().to_string())?;
        let programs = programs()?;
        let as_server = as_server(&folder)?;
        let data = folder.join("data");
        let port = free_port()?;
        let server = |program: &str| {
            let mut command = Command::new("setpriv");
            command.args(&as_server).arg(programs.join(program));
            command
                .arg("-D")
                .arg(&data)
                .current_dir(&folder)
                .stdin(Stdio::null());
            command
        };
        let made = server("initdb")
            .args("-U postgres -A trust -E UTF8 --no-locale --no-sync".split(' '))
            .output();
        let made = made.context("initdb")?;
        if !made.status.success() {
            let text = String::from_utf8_lossy(&made.stderr);
            return Err(Error::Server(format!("initdb: {text}")));
        }
        let settings = data.join("postgresql.conf");
        let opened = fs::OpenOptions::new().append(true).open(&settings);
        let written = opened.and_then(|mut it| it.write_all(SETTINGS.as_bytes()));
        written.context(settings.display().to_string())?;
        let log = fs::File::create(folder.join("log")).context("its log")?;
        let child = server("postgres")
            .args(["-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(log)
            .process_group(0)
            .spawn()
            .context("postgres")?;
        let mut postgres = Self {
            child,
            port,
            folder,
        };
        wait("the start of PostgreSQL", PATIENCE, || {
            let ended = !matches!(postgres.child.try_wait(), Ok(None));
            ended || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
        })?;
        // It listens before it answers.
        wait("PostgreSQL's first answer", PATIENCE, || {
            postgres.sql("postgres", "SELECT 1").is_ok()
        })?;
        Ok(postgres)
    }

    /// Where a database is.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The root of its process tree.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Runs statements, each in a transaction of its own, and returns what they print.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String> {
        run(self.psql(database).arg("-f").arg("-"), sql)
    }

    /// A client's program, set up for a database.
    pub fn client(&self, program: &str, database: &str) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command
            .env("PGHOST", "127.0.0.1")
            .env("PGPORT", self.port.to_string())
            .env("PGUSER", "postgres")
            .env("PGDATABASE", database);
        command
    }

    /// Opens a transaction that sees the database as it is now, and holds it until it is dropped.
    pub fn hold_snapshot(&self, database: &str) -> Result<Snapshot> {
        let mut session = self.psql(database);
        session.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut session = Snapshot(session.spawn().context("psql")?);
        let (input, output) = (session.0.stdin.as_mut(), session.0.stdout.as_mut());
        let (Some(input), Some(output)) = (input, output) else {
            return Err(Error::Server("psql has no pipes".to_owned()));
        };
        let begin = b"BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT count(*) FROM users;\n";
        input.write_all(begin).context("psql")?;
        // Its answer shows that the snapshot was taken.
        output.read_exact(&mut [0]).context("psql")?;
        Ok(session)
    }

    fn psql(&self, database: &str) -> Command {
        let mut command = self.client("psql", database);
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]);
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(id) = id {
            // Cuts its clients, and ends in order.
            let _ = kill_process(id, Signal::INT);
        }
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A transaction that is open.
pub struct Snapshot(Child);

impl Drop for Snapshot {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a program with this input, and returns what it prints.
pub fn run(command: &mut Command, input: &str) -> Result<String> {
    let what = command.get_program().to_string_lossy().into_owned();
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().context(&what)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not want it says why.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().context(&what)?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(Error::Server(format!("{what}: {}", text.trim())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The folder with PostgreSQL's programs: Debian has them where nobody looks, by version.
fn programs() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&path).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut versions: Vec<_> = versions.flatten().map(|it| it.path()).collect();
    let number = |it: &Path| {
        it.file_name()
            .and_then(|it| it.to_str()?.parse::<u32>().ok())
    };
    versions.sort_by_key(|it| std::cmp::Reverse(number(it)));
    folders.extend(versions.into_iter().map(|it| it.join("bin")));
    let found = folders.into_iter().find(|it| it.join("initdb").exists());
    found.ok_or_else(|| Error::Server("initdb; install the package postgresql".to_owned()))
}

/// For `setpriv`: as whom the server runs, which is not root. It ends when we do.
fn as_server(folder: &Path) -> Result<Vec<String>> {
    let mut arguments = vec!["--pdeathsig=INT".to_owned()];
    if rustix::process::geteuid().is_root() {
        run(Command::new("chown").arg("nobody:").arg(folder), "")?;
        let group = run(Command::new("id").args(["-g", "nobody"]), "")?;
        arguments.push("--reuid=nobody".to_owned());
        arguments.push(format!("--regid={group}"));
        arguments.push("--clear-groups".to_owned());
    }
    Ok(arguments)
}
