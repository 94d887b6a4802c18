//! dotcast itself: the release build, on a SQLite file of its own.

use std::{net::SocketAddr, path::Path, process::Command};

use serde_json::{Value, json};

use super::{Body, Target};
use crate::{
    error::{Context as _, Error, Result},
    http::Client,
};

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
pub(super) fn log_in(address: SocketAddr) -> Result<Target> {
    let mut client = Client::new(address).with_header("Content-Type", "application/json");
    let credentials = json!({"username": "load", "password": "correct horse"}).to_string();
    let mut post = |path: &str| {
        let answer = client.expect_success("POST", path, credentials.as_bytes());
        answer.context(format!("POST {path}"))
    };
    post("/api/v1/users")?;
    let session = post("/api/v1/sessions")?;
    let session: Value = serde_json::from_slice(&session).map_err(|source| Error::Json {
        what: "the session".to_owned(),
        source,
    })?;
    let token = session["token"].as_str().unwrap_or_default();
    Ok(Target {
        subscribe: "/sse/notifications/".to_owned(),
        publish: "/api/v1/boards".to_owned(),
        headers: vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("Authorization".to_owned(), format!("Bearer {token}")),
        ],
        body: Body::Board,
    })
}
