//! Other programs that know the server by its documents alone. `.ci/clients` installs them.
//!
//! - [`following`]: the examples of programs that follow a board
//! - [`generated`]: clients generated from the OpenAPI document
//! - [`probing`]: valid and invalid requests by the thousand
//! - [`streams`]: each event of a stream, by its schema

mod following;
mod generated;
mod probing;
mod streams;

use std::{path::Path, process::Stdio, time::Duration};

use tokio::{process::Command, time::timeout};

use crate::harness::server::without_settings;

/// How long such a program may take. It may have to be compiled first.
const PATIENCE: Duration = Duration::from_mins(10);

/// A program in this folder, with its arguments.
fn tool(program: &str) -> Command {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    let mut command = Command::new(folder.join(program));
    command.current_dir(folder).stdin(Stdio::null());
    without_settings(&mut command);
    command
}

/// Runs it to its end; returns what it printed, if it succeeded, or else all of its output.
async fn run(mut command: Command) -> Result<String, String> {
    let output = timeout(PATIENCE, command.output()).await;
    let output = output.unwrap_or_else(|_| panic!("{command:?} does not end"));
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}; run .ci/clients"));
    let [printed, complaints] =
        [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
    if output.status.success() {
        Ok(printed)
    } else {
        Err(printed + &complaints)
    }
}
