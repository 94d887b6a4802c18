//! The session to follow under, for a server that admits only users.

use std::{fmt, str::FromStr};

/// A session's token. [`Debug`](fmt::Debug) does not show it.
#[derive(Clone)]
pub struct Token(String);

/// Why a text is not a token. The text is a secret, so it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token is plain ASCII without spaces")]
pub struct InvalidToken;

impl Token {
    /// The token itself, for the header `Authorization`.
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
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidToken);
        }
        Ok(Self(text.to_owned()))
    }
}
