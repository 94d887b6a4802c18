//! What a user would pick instead of dotcast: a folder with `serve PORT` and `peer.json`.

use std::{fs, path::Path, process::Command};

use serde::Deserialize;

use super::{Body, Target};
use crate::error::{Context as _, Error, Result};

#[derive(Deserialize)]
struct Description {
    subscribe: String,
    publish: String,
}

pub(super) fn command(folder: &Path, port: u16) -> Result<Command> {
    let program = folder.join("serve").canonicalize();
    let mut command = Command::new(program.context(format!("{}/serve", folder.display()))?);
    command.arg(port.to_string()).current_dir(folder);
    Ok(command)
}

pub(super) fn target(folder: &Path) -> Result<Target> {
    let file = folder.join("peer.json");
    let what = file.display().to_string();
    let text = fs::read_to_string(&file).context(&what)?;
    let description: Description =
        serde_json::from_str(&text).map_err(|source| Error::Json { what, source })?;
    Ok(Target {
        subscribe: description.subscribe,
        publish: description.publish,
        headers: vec![("Content-Type".to_owned(), "text/plain".to_owned())],
        body: Body::Line,
    })
}
