//! How the server ends connections.
//!
//! A socket that is closed before all was read that its client has sent resets the connection, and what the
//! client was sent last may be lost with it (RFC 9112, 9.6). So the server ends its half first, and reads on
//! until the client ends the other, for half a second at most. That holds a descriptor, so few may part like
//! that at a time, and the others are cut.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy, sink},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// How long a connection may take to part.
pub const PATIENCE: Duration = Duration::from_millis(500);
/// What is read meanwhile of what a client still sends, in bytes: some bodies that are too large.
const MAX_READ: u64 = 16 << 20;

/// Bounds how many connections part at a time.
#[derive(Clone, Debug)]
pub struct Partings(Arc<Semaphore>);

impl Partings {
    /// At most `most` at a time.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most)))
    }

    /// The right to take the time; nothing, if enough do.
    pub fn begin(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().ok()
    }

    /// Ends a connection to which everything was written, if it may take the time.
    pub async fn end(&self, socket: TcpStream) {
        if let Some(_permit) = self.begin() {
            let _ = timeout(PATIENCE, end(socket)).await;
        }
    }
}

/// Ends a connection to which everything was written, in any time.
///
/// # Errors
/// When the client has reset it.
pub async fn end(mut socket: TcpStream) -> io::Result<()> {
    socket.shutdown().await?;
    copy(&mut socket.take(MAX_READ), &mut sink()).await?;
    Ok(())
}
