//! Which server to measure, by its name on the command line and in the results.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

/// A server by its name on the command line: `limit`, `dotcast --keep-alive 1s`, or a peer's folder. With `tls:` before
/// that it is reached over TLS, with `h2:` over HTTP/2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    pub(super) over: Over,
    pub(super) program: Program,
    pub(super) flags: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Program {
    Limit,
    Dotcast,
    Peer(PathBuf),
}

/// How a server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    Tcp,
    Tls,
    Http2,
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (over, text) = match text.split_once(':') {
            Some(("tls", rest)) => (Over::Tls, rest),
            Some(("h2", rest)) => (Over::Http2, rest),
            _ => (Over::Tcp, text),
        };
        let mut words = text.split_whitespace().map(str::to_owned);
        let program = match words.next().as_deref() {
            Some("limit") => Program::Limit,
            Some("dotcast") => Program::Dotcast,
            Some(folder) if Path::new(folder).join("peer.json").exists() => {
                Program::Peer(folder.into())
            }
            _ => return Err("expected limit, dotcast, or the folder of a peer".to_owned()),
        };
        if program == Program::Limit && over != Over::Tcp {
            return Err("limit encrypts nothing".to_owned());
        }
        let flags = words.collect();
        Ok(Self {
            over,
            program,
            flags,
        })
    }
}

/// The name in the results.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.over {
            Over::Tcp => "",
            Over::Tls => "tls:",
            Over::Http2 => "h2:",
        })?;
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

    /// Whether it is reached without encryption.
    pub fn is_plain(&self) -> bool {
        self.over == Over::Tcp
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_shown() {
        for name in ["limit", "dotcast", "tls:dotcast --round 1ms", "h2:dotcast"] {
            let kind: Kind = name.parse().expect("a server");
            assert_eq!(kind.to_string(), name);
            assert_eq!(kind.is_plain(), !name.contains(':'));
        }
        assert!("tls:limit".parse::<Kind>().is_err());
        assert!("tls:".parse::<Kind>().is_err());
    }
}
