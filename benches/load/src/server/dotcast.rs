//! dotcast itself: the release build, on a SQLite file of its own.

use std::{net::SocketAddr, path::Path, process::Command};

use serde_json::{Value, json};

use super::{Body, Target};
use crate::error::{Context as _, Error, Result};

pub(super) fn command(program: &Path, folder: &Path, port: u16) -> Command {
    let mut command = Command::new(program);
    // The scenario decides what is configured.
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("DOTCAST_") || name_text == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command
        .arg("serve")
        .env("DOTCAST_LISTEN", format!("127.0.0.1:{port}"))
        .env("DATABASE_URL", database_url(folder))
        // One user publishes everything.
        .env("DOTCAST_MAX_BOARDS_PER_USER", "1000000");
    command
}

pub(super) fn database_url(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("dotcast.db").display())
}

/// Registers the user who publishes.
pub(super) fn log_in(target: &mut Target, address: SocketAddr) -> Result<()> {
    "/sse/notifications/".clone_into(&mut target.subscribe);
    "/api/v1/boards".clone_into(&mut target.publish);
    target.body = Body::Board;
    target.headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let mut client = target.client(address);
    let credentials = json!({"username": "load", "password": "correct horse"}).to_string();
    let (users, sessions) = ("/api/v1/users", "/api/v1/sessions");
    // On a database that was served before, there is this user already; then logging in shows it.
    client
        .send("POST", users, credentials.as_bytes())
        .context(format!("POST {users}"))?;
    let session = client.expect_success("POST", sessions, credentials.as_bytes());
    let session = session.context(format!("POST {sessions}"))?;
    let session: Value = serde_json::from_slice(&session).map_err(|source| Error::Json {
        what: "the session".to_owned(),
        source,
    })?;
    let token = session["token"].as_str().unwrap_or_default();
    let header = ("Authorization".to_owned(), format!("Bearer {token}"));
    target.headers.push(header);
    Ok(())
}
