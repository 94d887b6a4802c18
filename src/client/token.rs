//! A session's token, as it is given to `dotcast tail`.

use std::{fmt, str::FromStr};

/// A session's token. It is not shown.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// For the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl FromStr for Token {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("a token is plain ASCII without spaces");
        }
        Ok(Self(text.to_owned()))
    }
}
