//! The `sqlite3` shell: what other programs do to a database's file, with or without a running server.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, Command},
};

use super::{Clock, Run, run, within};

/// The shell on one file.
pub struct SqliteShell {
    file: PathBuf,
    environment: Vec<(String, String)>,
}

impl SqliteShell {
    pub fn on(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            environment: Vec::new(),
        }
    }

    /// The same shell, by another clock than everybody's.
    pub fn by(mut self, clock: &Clock) -> Self {
        self.environment = clock.environment();
        self
    }

    /// Runs statements and dot commands, which may be refused.
    pub async fn try_run(&self, commands: &str) -> Run {
        run(&mut self.command(), commands).await
    }

    /// Runs statements and dot commands; returns what they print.
    pub async fn run(&self, commands: &str) -> String {
        self.try_run(commands).await.printed().trim_end().to_owned()
    }

    /// Takes the write lock and holds it until the returned guard is released.
    pub async fn lock(&self) -> SqliteLock {
        let mut child = self
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sqlite3 is installed");
        let mut stdin = child.stdin.take().expect("stdin");
        let commands = "BEGIN IMMEDIATE;\nSELECT 'locked';\n";
        stdin.write_all(commands.as_bytes()).await.expect("write");
        let stdout = child.stdout.take().expect("stdout");
        let mut lines = BufReader::new(stdout).lines();
        let told = within("the lock", lines.next_line()).await.expect("read");
        assert_eq!(told.as_deref(), Some("locked"));
        SqliteLock { child, stdin }
    }

    fn command(&self) -> Command {
        let mut command = Command::new("sqlite3");
        command
            .args(["-bail", "-cmd", ".timeout 5000"])
            .arg(&self.file)
            .envs(self.environment.iter().cloned())
            .kill_on_drop(true);
        command
    }
}

/// A write lock of another program.
pub struct SqliteLock {
    child: Child,
    stdin: ChildStdin,
}

impl SqliteLock {
    /// Releases it.
    pub async fn release(mut self) {
        drop(self.stdin);
        within("the end of sqlite3", self.child.wait())
            .await
            .expect("wait");
    }
}
