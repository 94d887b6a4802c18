//! Commands of the program, run to their end.

use std::process::Stdio;

use tokio::{io::AsyncWriteExt as _, process::Command};

use super::{Database, server::program, within};

/// How a command ended, and its output.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command with this on its standard input.
pub async fn run(command: &mut Command, input: &str) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("stdin");
    // A command that fails early may end before it has read its input.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = within("the command's end", child.wait_with_output())
        .await
        .expect("wait");
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Runs a command of the program on this database; on SQLite in its directory.
pub async fn dotcast_on(database: &Database, arguments: &[&str]) -> Run {
    let mut command = program();
    command.args(arguments).env("DATABASE_URL", database.url());
    if !database.is_postgres() {
        command.current_dir(database.directory());
    }
    run(&mut command, "").await
}

impl Run {
    /// Asserts success and returns what was printed.
    #[track_caller]
    pub fn printed(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// Asserts that it refused with a one-line complaint, and returns that.
    #[track_caller]
    pub fn refusal(self) -> String {
        let code = self.code.filter(|code| [1, 2].contains(code));
        let code = code.unwrap_or_else(|| panic!("{self:?}"));
        self.complaint(code)
    }

    /// Asserts this exit code, nothing on standard output, and a one-line complaint, which is returned.
    #[track_caller]
    pub fn complaint(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        assert!(self.stderr.starts_with("error: "), "{self:?}");
        self.stderr
    }
}
