//! One server, reached over each version of HTTP, in the clear and encrypted.

use std::sync::Arc;

use bytes::Bytes;
use h2::{RecvStream, SendStream, client::SendRequest};
use http::{Request, Response};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpSocket, TcpStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::task::AbortOnDropHandle;

use super::Wire;
use crate::harness::{Certificates, Client, Database, Launch, Server, client, within};

/// What HTTP is spoken on.
pub trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

/// How a server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    Plain,
    Encrypted,
}

impl Security {
    pub const ALL: [Self; 2] = [Self::Plain, Self::Encrypted];
}

/// A server, and what it takes to connect to it.
pub struct Site {
    pub server: Server,
    certificates: Option<Certificates>,
}

impl Site {
    /// Starts a server with these options.
    pub async fn start(security: Security, arguments: &[&str]) -> Self {
        Self::launch(security, Launch::with(arguments)).await
    }

    /// Starts a server in this way.
    pub async fn launch(security: Security, mut launch: Launch) -> Self {
        let certificates = (security == Security::Encrypted).then(Certificates::new);
        if let Some(certificates) = &certificates {
            for (flag, name) in [("--tls-cert", "server.crt"), ("--tls-key", "server.key")] {
                let path = certificates.path(name).display().to_string();
                launch.arguments.extend([flag.to_owned(), path]);
            }
        }
        Self {
            server: Server::launch(&Database::new().await, launch).await,
            certificates,
        }
    }

    /// A REST client that is not logged in.
    pub fn client(&self) -> Client {
        let Some(certificates) = &self.certificates else {
            return self.server.client();
        };
        let http = client::builder().tls_certs_only([certificates.authority()]);
        let http = http.build().expect("an HTTP client");
        self.server.client().over(&http)
    }

    /// A client that is logged in as a new user.
    pub async fn user(&self, name: &str) -> Client {
        let mut client = self.client();
        client.register_and_log_in(name).await;
        client
    }

    /// A new connection, over which the client speaks `protocol` (RFC 7301): `http/1.1` or `h2`.
    pub async fn connect(&self, protocol: &str) -> Box<dyn Socket> {
        let connected = self.try_connect(protocol).await;
        connected.expect("a connection that is not closed in the handshake")
    }

    /// The same; `None` if the server closes it.
    pub async fn try_connect(&self, protocol: &str) -> Option<Box<dyn Socket>> {
        self.connect_on(self.socket(None).await, protocol).await
    }

    /// A new HTTP/1.1 connection, byte by byte.
    pub async fn wire(&self) -> Wire {
        Wire::on(self.connect("http/1.1").await)
    }

    /// The same with a receive buffer of about this many bytes.
    pub async fn slow_wire(&self, buffer: u32) -> Wire {
        let socket = self.socket(Some(buffer)).await;
        Wire::on(self.connect_on(socket, "http/1.1").await.expect("connect"))
    }

    /// A new HTTP/1.1 connection to a server that encrypts; `None` if the server closes it in the handshake.
    pub async fn encrypted(
        &self,
        socket: TcpStream,
        protocol: &str,
    ) -> Option<TlsStream<TcpStream>> {
        let certificates = self.certificates.as_ref().expect("certificates");
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_file(certificates.path("authority.crt"));
        roots.add(authority.expect("a certificate")).expect("trust");
        let provider = Arc::new(ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        let connector = TlsConnector::from(Arc::new(config));
        let name = ServerName::try_from("127.0.0.1").expect("a name");
        within("the handshake", connector.connect(name, socket))
            .await
            .ok()
    }

    /// A new socket, with a receive buffer of about this many bytes.
    pub async fn socket(&self, buffer: Option<u32>) -> TcpStream {
        let (_, address) = self.server.url.split_once("://").expect("a URL");
        let socket = TcpSocket::new_v4().expect("a socket");
        if let Some(buffer) = buffer {
            socket.set_recv_buffer_size(buffer).expect("a small buffer");
        }
        let address = address.parse().expect("an address");
        socket.connect(address).await.expect("connect")
    }

    async fn connect_on(&self, socket: TcpStream, protocol: &str) -> Option<Box<dyn Socket>> {
        if self.certificates.is_none() {
            return Some(Box::new(socket));
        }
        Some(Box::new(self.encrypted(socket, protocol).await?))
    }

    /// A new HTTP/2 connection whose streams have windows of this many bytes.
    pub async fn http_2(&self, window: u32) -> Http2 {
        let socket = self.connect("h2").await;
        Http2::on(socket, window).await
    }
}

/// An HTTP/2 client that opens its windows only on demand.
pub struct Http2 {
    requests: SendRequest<Bytes>,
    connection: AbortOnDropHandle<Result<(), h2::Error>>,
}

impl Http2 {
    pub async fn on(socket: Box<dyn Socket>, window: u32) -> Self {
        let handshake = h2::client::Builder::new()
            .initial_window_size(window)
            // It holds unread frames as long as it likes.
            .data_frame_budget(usize::MAX)
            .handshake(socket);
        let (requests, connection) = within("a connection", handshake).await.expect("HTTP/2");
        Self {
            requests,
            connection: AbortOnDropHandle::new(tokio::spawn(connection)),
        }
    }

    /// Sends a request; its body follows unless it `ends`.
    pub async fn send(&self, request: Request<()>, ends: bool) -> Sent {
        let ready = within("room for a stream", self.requests.clone().ready());
        let mut requests = ready.await.expect("an open connection");
        let (answer, body) = requests.send_request(request, ends).expect("a request");
        Sent { answer, body }
    }

    /// The answer to a GET.
    pub async fn get(&self, path: &str) -> Response<RecvStream> {
        let request = Request::get(format!("http://x{path}"));
        let sent = self.send(request.body(()).expect("a request"), true).await;
        sent.answer().await.expect("an answer")
    }

    /// How the server ends the connection. Until then the client does not announce that it leaves: the server may no
    /// longer read what it would write.
    pub async fn end(self) -> Result<(), h2::Error> {
        let ended = within("the connection's end", self.connection).await;
        drop(self.requests);
        ended.expect("no panic")
    }

    /// Whether the connection is over.
    pub fn is_over(&self) -> bool {
        self.connection.is_finished()
    }
}

/// A request that was sent.
pub struct Sent {
    pub answer: h2::client::ResponseFuture,
    pub body: SendStream<Bytes>,
}

impl Sent {
    pub async fn answer(self) -> Result<Response<RecvStream>, h2::Error> {
        within("an answer", self.answer).await
    }
}

/// Reads an answer to its end, opening its window as it goes.
pub async fn read(mut body: RecvStream) -> Result<Vec<u8>, h2::Error> {
    let mut bytes = Vec::new();
    while let Some(data) = within("more", body.data()).await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        bytes.extend(data);
    }
    Ok(bytes)
}

/// Reads what the window has room for, and returns how the stream then ends.
pub async fn read_shut(mut body: RecvStream) -> (usize, Option<h2::Error>) {
    let mut len = 0;
    loop {
        match within("more, or an end", body.data()).await {
            Some(Ok(data)) => len += data.len(),
            Some(Err(error)) => return (len, Some(error)),
            None => return (len, None),
        }
    }
}
