//! `dotcast tail`, or another program that prints what it hears, as a child process.

use std::{
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
};

use rustix::process::Signal;
use serde_json::Value;
use tokio::{
    process::{Child, Command},
    sync::mpsc::UnboundedReceiver,
};

use super::{
    eventually,
    server::{lines_of, program, send},
    within,
};

/// A running `dotcast tail`, or another program of its kind.
pub struct Follower {
    child: Child,
    printed: UnboundedReceiver<String>,
    log: Arc<Mutex<String>>,
}

impl Follower {
    /// Follows the server at `url`.
    pub fn start(url: &str, arguments: &[&str]) -> Self {
        let mut tail = program();
        tail.args(["tail", "--url", url]).args(arguments);
        Self::run(tail)
    }

    /// Runs this command.
    pub fn run(mut command: Command) -> Self {
        let started = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = started.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let log = Arc::<Mutex<String>>::default();
        let printed = lines_of(child.stdout.take().expect("stdout"), None);
        lines_of(child.stderr.take().expect("stderr"), Some(Arc::clone(&log)));
        Self {
            child,
            printed,
            log,
        }
    }

    /// The next line that it prints.
    pub async fn line(&mut self) -> String {
        let line = within("a line", self.printed.recv()).await;
        line.unwrap_or_else(|| panic!("no more lines: {}", self.log()))
    }

    /// The next event that it prints.
    pub async fn event(&mut self) -> Value {
        serde_json::from_str(&self.line().await).expect("JSON")
    }

    /// The ids of the next `count` events.
    pub async fn ids(&mut self, count: usize) -> Vec<i64> {
        let mut ids = Vec::new();
        while ids.len() < count {
            ids.push(self.event().await["id"].as_i64().expect("an id"));
        }
        ids
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("nobody panicked").clone()
    }

    /// Waits until it has logged this text so many times.
    pub async fn until_logged(&self, text: &str, times: usize) {
        eventually(text, || async {
            (self.log().matches(text).count() >= times).then_some(())
        })
        .await;
    }

    /// Sends a signal; returns how it ended, and the printed lines that were not yet read.
    pub async fn end(self, signal: Signal) -> (ExitStatus, Vec<String>) {
        send(&self.child, signal);
        self.ended().await
    }

    /// Waits until it ends by itself, and returns the same.
    pub async fn ended(mut self) -> (ExitStatus, Vec<String>) {
        let status = within("the end of tail", self.child.wait())
            .await
            .expect("wait");
        let mut rest = Vec::new();
        while let Some(line) = within("the end of the output", self.printed.recv()).await {
            rest.push(line);
        }
        (status, rest)
    }
}
