//! A PostgreSQL for the tests alone, from the installed binaries.
//!
//! The crate `pgtemp` leaves its server running if a test process is killed or keeps it in a static, cannot stop and
//! restart it, and as root needs `sudo` and a user `postgres`. Hence this module.

use std::{
    fs::Permissions,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
};

use tempfile::TempDir;
use tokio::{sync::OnceCell, task::spawn_blocking};

use super::{Database, eventually, server::free_address};

/// PostgreSQL does not run as root, so it then runs as `nobody`, who has this id on every Linux.
const NOBODY: u32 = 65534;

/// What every server is told; `.ci/postgres` tells it, too.
const SETTINGS: &str = include_str!("postgres/settings.conf");

/// The shell script that runs a server.
const KEEPER: &str = include_str!("postgres/keeper.sh");

/// A running PostgreSQL that nobody else uses. It ends with its last handle, or with this process.
#[derive(Clone)]
pub struct Cluster {
    keeper: Arc<Mutex<Keeper>>,
    port: u16,
}

impl Cluster {
    /// Starts a new one, for a test that stops it or needs it for itself.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts a new one with these settings as well, each as `name=value`.
    pub async fn start_with(settings: &[&str]) -> Self {
        let settings: Vec<_> = settings.iter().map(|&it| it.to_owned()).collect();
        let (keeper, port) = spawn_blocking(move || {
            let mut keeper = Keeper::new();
            keeper.tell("init");
            for line in SETTINGS.lines() {
                keeper.tell(&format!("set {line}"));
            }
            for setting in settings {
                let (name, value) = setting.split_once('=').expect("name=value");
                keeper.tell(&format!("set {name} = '{value}'"));
            }
            // Not earlier, or another process could take it meanwhile.
            let port = free_address().port();
            keeper.tell(&format!("start {port}"));
            (keeper, port)
        })
        .await
        .expect("a PostgreSQL");
        Self {
            keeper: Arc::new(Mutex::new(keeper)),
            port,
        }
    }

    /// The one that the tests of this process share. It is never stopped.
    pub(super) async fn shared() -> &'static Self {
        static SHARED: OnceCell<Cluster> = OnceCell::const_new();
        SHARED.get_or_init(Self::start).await
    }

    /// A new, empty database. It is deleted with the cluster.
    pub async fn database(&self) -> Database {
        Database::create(&self.url("postgres")).await
    }

    /// The URL of a database.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// Starts a read-only standby of this one.
    pub async fn standby(&self) -> Self {
        let primary = self.port;
        let (keeper, port) = spawn_blocking(move || {
            let mut keeper = Keeper::new();
            keeper.tell(&format!("copy {primary}"));
            let port = free_address().port();
            keeper.tell(&format!("start {port}"));
            (keeper, port)
        })
        .await
        .expect("a standby");
        Self {
            keeper: Arc::new(Mutex::new(keeper)),
            port,
        }
    }

    /// Makes a standby receive nothing more, as when it lags behind.
    pub async fn stop_receiving(&self) {
        let administration = Database::of(&self.url("postgres"));
        for sql in [
            "ALTER SYSTEM SET primary_conninfo = ''",
            "SELECT pg_reload_conf()",
        ] {
            administration.execute(sql).await;
        }
        eventually("the end of its receiver", || async {
            let receivers = "SELECT count(*) FROM pg_stat_wal_receiver";
            (administration.column::<i64>(receivers).await == [0]).then_some(())
        })
        .await;
    }

    /// Promotes a standby to primary.
    pub async fn promote(&self) {
        self.tell("promote".to_owned()).await;
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.keeper.lock().expect("no panic").log()
    }

    /// Stops it like a crash: all connections are cut, and the next start recovers from the log.
    pub async fn stop_immediately(&self) {
        self.tell("stop".to_owned()).await;
    }

    /// Starts it on the same port after it was stopped.
    pub async fn start_again(&self) {
        self.tell(format!("start {}", self.port)).await;
    }

    /// A crash, and the recovery from it.
    pub async fn restart_immediately(&self) {
        self.stop_immediately().await;
        self.start_again().await;
    }

    async fn tell(&self, command: String) {
        let keeper = Arc::clone(&self.keeper);
        spawn_blocking(move || keeper.lock().expect("no panic").tell(&command))
            .await
            .expect("PostgreSQL does as it is told");
    }
}

/// The shell that runs a server. Its pipes block, because a cluster outlives the runtime of the test that started it.
struct Keeper {
    directory: PathBuf,
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Keeper {
    fn new() -> Self {
        let binaries = binaries();
        // In a parent directory that everybody may enter.
        let directory = TempDir::with_prefix_in("dotcast-postgres-", "/tmp")
            .expect("a temporary directory")
            .keep();
        let mut command = Command::new("sh");
        command
            .args(["-c", KEEPER, "keeper"])
            .args([&binaries, &directory])
            .current_dir(&directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Keep interrupts from the terminal away from it.
            .process_group(0);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        if std::fs::metadata(&directory).expect("a directory").uid() == 0 {
            chown(&directory, Some(NOBODY), Some(NOBODY)).expect("chown");
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut child = command.spawn().expect("a shell");
        Self {
            directory,
            answers: BufReader::new(child.stdout.take().expect("stdout")),
            child,
        }
    }

    fn tell(&mut self, command: &str) {
        let commands = self.child.stdin.as_mut().expect("stdin");
        writeln!(commands, "{command}").expect("the keeper listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("an answer");
        assert_eq!(
            answer.trim_end(),
            "0",
            "PostgreSQL: {command}: {}",
            self.log()
        );
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Closes the pipe first. After that nothing is left.
        let _ = self.child.wait();
    }
}

/// A directory for files that the server reads.
pub fn readable_directory() -> TempDir {
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o755))
        .tempdir_in("/tmp")
        .expect("a temporary directory")
}

/// Creates a file that only the server may read.
pub fn hand_over(file: &Path) {
    std::fs::set_permissions(file, Permissions::from_mode(0o600)).expect("chmod");
    if std::fs::metadata(file).expect("a file").uid() == 0 {
        chown(file, Some(NOBODY), Some(NOBODY)).expect("chown");
    }
}

/// A program that comes with PostgreSQL, such as `pg_dump`.
pub fn program(name: &str) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(binaries().join(name));
    command.kill_on_drop(true);
    command
}

/// The directory of the server's binaries: on the `PATH`, or where Debian puts them, the newest.
pub fn binaries() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<_> = std::env::split_paths(&path).collect();
    let mut versions: Vec<(u32, PathBuf)> = Path::new("/usr/lib/postgresql")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    places.extend(versions.into_iter().rev().map(|(_, path)| path));
    let initdb = places
        .into_iter()
        .map(|place| place.join("initdb"))
        .find(|it| it.exists())
        .expect("PostgreSQL's server is missing: apt-get install postgresql");
    // On the `PATH` there may be only links to some of them.
    let initdb = initdb.canonicalize().expect("a file");
    initdb.parent().expect("a directory").to_owned()
}

#[tokio::test]
async fn what_was_committed_and_set_is_there_after_a_crash() {
    let cluster = Cluster::start_with(&["work_mem=1MB"]).await;
    let database = cluster.database().await;
    database
        .execute("CREATE TABLE t (i bigint); INSERT INTO t VALUES (7);")
        .await;
    cluster.restart_immediately().await;
    assert_eq!(database.column::<i64>("SELECT i FROM t").await, [7]);
    assert_eq!(database.column::<String>("SHOW work_mem").await, ["1MB"]);
}
