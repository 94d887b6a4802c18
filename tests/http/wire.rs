//! A connection byte by byte.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpSocket,
};

use super::transport::Socket;
use crate::harness::{Server, within};

/// A connection to a server.
pub struct Wire(BufReader<Box<dyn Socket>>);

impl Wire {
    pub async fn connect(server: &Server) -> Self {
        Self::connect_with(server, None).await
    }

    /// With a receive buffer of about this many bytes.
    pub async fn connect_with(server: &Server, buffer: Option<u32>) -> Self {
        let address = server.url.trim_start_matches("http://");
        let socket = TcpSocket::new_v4().expect("a socket");
        if let Some(buffer) = buffer {
            socket.set_recv_buffer_size(buffer).expect("a small buffer");
        }
        let address = address.parse().expect("an address");
        Self::on(Box::new(socket.connect(address).await.expect("connect")))
    }

    /// A connection that already exists.
    pub fn on(socket: Box<dyn Socket>) -> Self {
        Self(BufReader::new(socket))
    }

    pub async fn send(&mut self, text: &str) {
        assert!(self.try_send(text).await, "closed");
    }

    /// Whether the connection took it.
    pub async fn try_send(&mut self, text: &str) -> bool {
        let sent = self.0.write_all(text.as_bytes()).await;
        sent.is_ok() && self.0.flush().await.is_ok()
    }

    /// Asks for `path` with HTTP/1.1.
    pub async fn get(&mut self, path: &str) {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"))
            .await;
    }

    /// Reads until the input ends like this.
    pub async fn until(&mut self, end: &str) -> String {
        let mut text = Vec::new();
        let read = async {
            while !text.ends_with(end.as_bytes()) {
                text.push(self.0.read_u8().await.expect("more"));
            }
        };
        within(&format!("{end:?}"), read).await;
        String::from_utf8(text).expect("text")
    }

    /// Reads until the server closes the connection; `None` if it was reset.
    pub async fn rest(&mut self) -> Option<String> {
        let mut text = Vec::new();
        within("the end", self.0.read_to_end(&mut text))
            .await
            .ok()?;
        Some(String::from_utf8(text).expect("text"))
    }
}
