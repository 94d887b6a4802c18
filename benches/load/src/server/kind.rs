//! Which server to measure, by its name on the command line and in the results.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

/// A server by its name on the command line: `limit`, `dotcast --keep-alive 1s`, or a peer's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    pub(super) program: Program,
    pub(super) flags: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Program {
    Limit,
    Dotcast,
    Peer(PathBuf),
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let mut words = text.split_whitespace().map(str::to_owned);
        let program = match words.next().as_deref() {
            Some("limit") => Program::Limit,
            Some("dotcast") => Program::Dotcast,
            Some(folder) if Path::new(folder).join("peer.json").exists() => {
                Program::Peer(folder.into())
            }
            _ => return Err("expected limit, dotcast, or the folder of a peer".to_owned()),
        };
        let flags = words.collect();
        Ok(Self { program, flags })
    }
}

/// The name in the results.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.program {
            Program::Limit => f.write_str("limit")?,
            Program::Dotcast => f.write_str("dotcast")?,
            Program::Peer(folder) => {
                let name = folder.file_name().unwrap_or(folder.as_os_str());
                write!(f, "{}", name.to_string_lossy())?;
            }
        }
        self.flags.iter().try_for_each(|flag| write!(f, " {flag}"))
    }
}

impl Kind {
    /// The same server with these flags added, if it is dotcast.
    #[must_use]
    pub fn with_flags(&self, flags: &[&str]) -> Self {
        let mut kind = self.clone();
        if kind.is_dotcast() {
            kind.flags.extend(flags.iter().map(|&flag| flag.to_owned()));
        }
        kind
    }

    /// Whether it was given this flag.
    pub fn has_flag(&self, flag: &str) -> bool {
        self.flags.iter().any(|it| it == flag)
    }

    /// Whether it has a log that can be written to.
    pub fn is_dotcast(&self) -> bool {
        self.program == Program::Dotcast
    }

    /// Whether it takes several events in one request.
    pub fn is_limit(&self) -> bool {
        self.program == Program::Limit
    }
}
