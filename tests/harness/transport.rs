//! The transports of HTTP. Streams leave differently over them: a reactor writes HTTP/1.1, the rest are bodies
//! of ordinary responses.

use reqwest::ClientBuilder;

use super::{Certificates, Client, Database, Server, client};

/// A transport.
pub struct Transport {
    pub name: &'static str,
    http: reqwest::Client,
    certificates: Option<Certificates>,
}

impl Transport {
    /// HTTP/1.1 and HTTP/2, each in the clear and over TLS.
    pub fn all() -> [Self; 4] {
        [
            Self {
                name: "HTTP/1.1",
                http: client::http(),
                certificates: None,
            },
            Self {
                name: "HTTP/2",
                http: client::http2(),
                certificates: None,
            },
            Self::over_tls("HTTP/1.1 over TLS", ClientBuilder::http1_only),
            Self::over_tls("HTTP/2 over TLS", |it| it),
        ]
    }

    fn over_tls(name: &'static str, version: fn(ClientBuilder) -> ClientBuilder) -> Self {
        let certificates = Certificates::new();
        let http = version(client::builder().tls_certs_only([certificates.authority()]));
        Self {
            name,
            http: http.build().expect("an HTTP client"),
            certificates: Some(certificates),
        }
    }

    /// Starts a server that is reached this way.
    pub async fn serve(&self, database: &Database, options: &[&str]) -> Server {
        let file = |name: &str| {
            let certificates = self.certificates.as_ref();
            certificates.map(|it| it.path(name).display().to_string())
        };
        let mut arguments: Vec<String> = options.iter().map(|&it| it.to_owned()).collect();
        if let (Some(cert), Some(key)) = (file("server.crt"), file("server.key")) {
            arguments.extend(["--tls-cert".to_owned(), cert, "--tls-key".to_owned(), key]);
        }
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        Server::start_on(database, &arguments).await
    }

    /// A client of this server, not logged in.
    pub fn client(&self, server: &Server) -> Client {
        server.client().over(&self.http)
    }
}
