//! How the server ends connections.
//!
//! If a socket is closed before everything that its client sent was read, the connection is reset, and the client may
//! lose the last answer with it (RFC 9112, 9.6). So the server closes its half first and keeps reading until the client
//! closes the other, for half a second at most. That holds a descriptor, so only a few connections may part like that
//! at a time. The others are cut.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy, sink},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// How long a connection may take to part.
pub const PATIENCE: Duration = Duration::from_millis(500);
/// How much of what a client still sends is read meanwhile, in bytes: enough for some bodies that are too large.
const MAX_READ: u64 = 16 << 20;

/// Bounds how many connections part at a time.
#[derive(Clone, Debug)]
pub struct Partings(Arc<Semaphore>);

impl Partings {
    /// Allows at most `most` at a time.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most)))
    }

    /// The right to take the time; `None` if enough connections do.
    pub fn begin(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().ok()
    }

    /// Ends a connection to which everything was written. If too many are parting already, it is cut.
    pub async fn end(&self, socket: TcpStream) {
        if let Some(_permit) = self.begin() {
            let _ = timeout(PATIENCE, end(socket)).await;
        }
    }
}

/// Ends a connection to which everything was written, however long that takes.
///
/// # Errors
/// If the client has reset it.
pub async fn end(mut socket: TcpStream) -> io::Result<()> {
    socket.shutdown().await?;
    copy(&mut socket.take(MAX_READ), &mut sink()).await?;
    Ok(())
}
