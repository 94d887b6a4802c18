//! What to connect to, and how.

use std::time::Duration;

use reqwest::Url;

use crate::{item::EventId, token::Token};

/// A stream, and how to ask for it.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) http: reqwest::Client,
    pub(crate) url: Url,
    pub(crate) token: Option<Token>,
    pub(crate) after: Option<EventId>,
    pub(crate) idle_timeout: Duration,
}

/// A URL without its password, so that it may be shown.
pub fn without_password(url: &Url) -> String {
    let mut url = url.clone();
    // Fails only for URLs that cannot have a password.
    let _ = url.set_password(None);
    url.into()
}
