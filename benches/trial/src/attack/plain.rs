//! Attacks over plain sockets.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use super::attacker::{ADDRESS, BODY, PAUSE};

/// How much of a slow body is sent at once; the rest follows byte by byte.
const AT_ONCE: usize = BODY - 100_000;
/// Pause between two bytes of a slow body.
const SLOWNESS: Duration = Duration::from_secs(1);

/// A connection from the attacker's address.
pub async fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((ADDRESS, 0).into())?;
    socket.connect(server).await
}

/// Starts bodies of 1 MiB again and again without finishing them.
pub async fn slow_bodies(server: SocketAddr, token: &str) {
    let head = format!(
        "POST /api/v1/boards HTTP/1.1\r\nHost: {server}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {BODY}\r\n\r\n"
    );
    loop {
        let _ = slow_body(server, head.as_bytes()).await;
        sleep(PAUSE).await;
    }
}

async fn slow_body(server: SocketAddr, head: &[u8]) -> io::Result<()> {
    let mut socket = connect(server).await?;
    socket.write_all(head).await?;
    let mut body = vec![b' '; AT_ONCE];
    body[0] = b'{';
    socket.write_all(&body).await?;
    drop(body);
    let mut answer = [0; 1024];
    loop {
        socket.write_all(b" ").await?;
        // An answer ends it.
        if timeout(SLOWNESS, socket.read(&mut answer)).await.is_ok() {
            return Ok(());
        }
    }
}

/// Connects and says nothing, and reconnects when the connection is closed.
pub async fn idle(server: SocketAddr) {
    loop {
        if let Ok(mut socket) = connect(server).await {
            let _ = socket.read(&mut [0; 1024]).await;
        }
        sleep(PAUSE).await;
    }
}
