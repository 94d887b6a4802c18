//! What a user would pick instead of dotcast: a folder with `serve PORT` and `peer.json`.

use std::{fs, net::SocketAddr, path::Path, process::Command};

use serde::Deserialize;

use super::Target;
use crate::error::{Context as _, Error, Result};

#[derive(Deserialize)]
struct Description {
    subscribe: String,
    publish: String,
    /// Where to PUT before anything is posted, if anywhere.
    create: Option<String>,
    /// What is posted is said to be this.
    #[serde(default = "plain_text")]
    content_type: String,
}

pub(super) fn command(folder: &Path, port: u16) -> Result<Command> {
    let program = folder.join("serve").canonicalize();
    let mut command = Command::new(program.context(format!("{}/serve", folder.display()))?);
    command.arg(port.to_string()).current_dir(folder);
    Ok(command)
}

pub(super) fn describe(target: &mut Target, address: SocketAddr, folder: &Path) -> Result<()> {
    let file = folder.join("peer.json");
    let what = file.display().to_string();
    let text = fs::read_to_string(&file).context(&what)?;
    let description: Description =
        serde_json::from_str(&text).map_err(|source| Error::Json { what, source })?;
    target.subscribe = description.subscribe;
    target.publish = description.publish;
    target.headers = vec![("Content-Type".to_owned(), description.content_type)];
    if let Some(path) = description.create {
        let created = target.client(address).expect_success("PUT", &path, b"");
        created.context(format!("PUT {path}"))?;
    }
    Ok(())
}

fn plain_text() -> String {
    "text/plain".to_owned()
}
