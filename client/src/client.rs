//! Which stream to follow, and how.

use std::{fmt, time::Duration};

use reqwest::Url;

use crate::{
    authorities::Authorities,
    endpoint::{Endpoint, without_password},
    error::Error,
    events::Events,
    item::EventId,
    token::Token,
};

/// Where a dotcast server serves its stream.
const PATH: &str = "/sse/notifications/";
/// Upper bound on the time that connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A stream that can be followed. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client(Endpoint);

impl Client {
    /// Begins a client of the server at `server`, such as `https://boards.example`. A path in the URL is kept, as for a
    /// server behind a proxy, and so are a query, a user name and a password.
    pub fn builder(server: Url) -> Builder {
        Builder {
            server,
            path: PATH.to_owned(),
            types: None,
            boards: Vec::new(),
            token: None,
            authorities: None,
            after: None,
            since: None,
            idle_timeout: Duration::from_mins(1),
        }
    }

    /// Follows the stream from the place that the builder was given. Each call opens a stream of its own.
    pub fn follow(&self) -> Events {
        Events::new(self.0.clone())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client")
            .field(&without_password(&self.0.url))
            .finish()
    }
}

/// Makes a [`Client`].
#[derive(Clone)]
pub struct Builder {
    server: Url,
    path: String,
    types: Option<String>,
    boards: Vec<i64>,
    token: Option<Token>,
    authorities: Option<Authorities>,
    after: Option<EventId>,
    since: Option<String>,
    idle_timeout: Duration,
}

impl Builder {
    /// Path of the stream, below the server's URL. By default `/sse/notifications/`.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Follow only events of these types, such as `newBoard`. A server refuses types that it does not know.
    #[must_use]
    pub fn types(mut self, types: impl IntoIterator<Item: AsRef<str>>) -> Self {
        let types: Vec<_> = types.into_iter().collect();
        let types: Vec<_> = types.iter().map(AsRef::as_ref).collect();
        self.types = Some(types.join(","));
        self
    }

    /// Follow only events about these boards, up to 100; without any, about all.
    #[must_use]
    pub fn boards(mut self, ids: impl IntoIterator<Item = i64>) -> Self {
        self.boards = ids.into_iter().collect();
        self
    }

    /// Follow under this session, for a server that admits only users.
    #[must_use]
    pub fn token(mut self, token: impl Into<Option<Token>>) -> Self {
        self.token = token.into();
        self
    }

    /// Trust servers whose certificates these authorities have signed, besides those that the system trusts.
    #[must_use]
    pub fn authorities(mut self, authorities: impl Into<Option<Authorities>>) -> Self {
        self.authorities = authorities.into();
        self
    }

    /// Begin after this event; 0 for all events that are kept. Without a cursor, begin with what happens from now on.
    #[must_use]
    pub fn after(mut self, cursor: impl Into<Option<EventId>>) -> Self {
        self.after = cursor.into();
        self
    }

    /// Begin at the first event that is kept and not older than this: a while ago such as `10m`, or a time (RFC 3339).
    /// A [cursor](Self::after) wins over it.
    #[must_use]
    pub fn since(mut self, since: impl Into<Option<String>>) -> Self {
        self.since = since.into();
        self
    }

    /// Replace a connection that has been silent for this long; by default a minute. It must be longer than the
    /// interval of the server's keep-alives, 15 s by default.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Makes the client. It connects when it [follows](Client::follow).
    ///
    /// TLS is by rustls. If the process has not chosen a cryptography provider for it, this chooses ring. The
    /// certificates that the system trusts are trusted, and those of [`authorities`](Self::authorities).
    ///
    /// # Errors
    /// [`Error::Address`], if the URL is not HTTP or HTTPS. [`Error::Http`], if the HTTP client cannot be made.
    pub fn build(self) -> Result<Client, Error> {
        let mut url = self.server;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::Address(without_password(&url)));
        }
        let base = url.path().trim_end_matches('/');
        let path = format!("{base}/{}", self.path.trim_start_matches('/'));
        url.set_path(&path);
        if let Some(types) = &self.types {
            url.query_pairs_mut().append_pair("types", types);
        }
        if !self.boards.is_empty() {
            let ids: Vec<_> = self.boards.iter().map(ToString::to_string).collect();
            url.query_pairs_mut()
                .append_pair("board_id", &ids.join(","));
        }
        if let Some(since) = &self.since {
            url.query_pairs_mut().append_pair("since", since);
        }
        // Fails only if there is a provider already, which will do as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let trusted = self.authorities.map(|it| it.0).unwrap_or_default();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .tls_certs_merge(trusted)
            .user_agent(concat!("dotcast-client/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(Error::Http)?;
        Ok(Client(Endpoint {
            http,
            url,
            token: self.token,
            after: self.after,
            idle_timeout: self.idle_timeout,
        }))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Builder")
            .field(&without_password(&self.server))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Builder {
        Client::builder(url.parse().expect("a URL"))
    }

    #[test]
    fn the_stream_is_below_the_server_and_keeps_its_query() {
        for (server, url) in [
            (
                server("http://a.example"),
                "http://a.example/sse/notifications/",
            ),
            (
                server("http://a.example/b/?key=1")
                    .types(["newBoard", "newPath"])
                    .boards([7, 8])
                    .since("10m".to_owned()),
                "http://a.example/b/sse/notifications/?key=1&types=newBoard%2CnewPath&board_id=7%2C8&since=10m",
            ),
            (
                server("https://a.example/").path("events"),
                "https://a.example/events",
            ),
        ] {
            assert_eq!(server.build().expect("a client").0.url.as_str(), url);
        }
    }

    #[test]
    fn other_schemes_are_refused_and_no_password_is_shown() {
        for url in ["localhost:8000", "ftp://ada:secret@a.example", "data:,x"] {
            let error = server(url).build().expect_err("a wrong scheme");
            assert!(matches!(error, Error::Address(_)), "{error:?}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        let builder = server("http://ada:secret@a.example");
        let shown = format!("{builder:?} {:?}", builder.clone().build());
        assert!(!shown.contains("secret"), "{shown}");
    }
}
