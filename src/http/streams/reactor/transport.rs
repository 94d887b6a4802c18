//! What a stream in a reactor is written to: a socket, or TLS over one.

use std::{
    io::{self, Read as _, Write as _},
    time::Duration,
};

use bytes::{Buf as _, Bytes};
use mio::net::TcpStream;
use rustls::ServerConnection;
use socket2::SockRef;

/// Upper bound on what a client may send at once on a stream, in bytes; it has nothing to say there.
const MAX_INPUT: usize = 64 << 10;
/// Upper bound on what is encrypted before the socket has taken what was encrypted earlier, in bytes: the longest record
/// (RFC 8446, 5.1). A stream whose client reads nothing holds this much of its own; the rest is shared.
const MAX_RECORD: usize = 16 << 10;

/// A non-blocking connection to a client.
#[derive(Debug)]
pub struct Transport {
    socket: TcpStream,
    tls: Option<Box<ServerConnection>>,
}

impl Transport {
    /// A connection that is encrypted by `tls` if there is one, whose handshake is over.
    pub fn new(socket: TcpStream, tls: Option<Box<ServerConnection>>) -> Self {
        Self { socket, tls }
    }

    /// For registering it.
    pub fn socket(&mut self) -> &mut TcpStream {
        &mut self.socket
    }

    /// Whether it is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether something was encrypted that the socket has not taken.
    pub fn is_blocked(&self) -> bool {
        self.tls.as_ref().is_some_and(|it| it.wants_write())
    }

    /// Writes output until the socket takes no more. Returns how many bytes the socket has taken.
    ///
    /// # Errors
    /// If the connection is broken.
    pub fn write(&mut self, output: &mut Bytes) -> io::Result<usize> {
        let mut taken = 0;
        loop {
            let written = match &mut self.tls {
                None if output.is_empty() => return Ok(taken),
                None => self.socket.write(output).inspect(|&it| output.advance(it)),
                Some(tls) => {
                    if !tls.wants_write() {
                        // One record for all frames of a round.
                        let record = &output[..output.len().min(MAX_RECORD)];
                        let encrypted = tls.writer().write(record)?;
                        output.advance(encrypted);
                    }
                    if !tls.wants_write() {
                        return Ok(taken);
                    }
                    tls.write_tls(&mut self.socket)
                }
            };
            match written {
                Ok(bytes) => taken += bytes,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(taken),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Has the client told that nothing more follows (RFC 8446, 6.1). Returns whether there is something to write for
    /// that.
    pub fn finish(&mut self) -> bool {
        if let Some(tls) = &mut self.tls {
            // Nothing is queued when it is said again.
            tls.send_close_notify();
        }
        self.is_blocked()
    }

    /// Reads and discards what the client has sent. Returns whether the client is still there.
    pub fn is_alive(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let mut total = 0;
        while total < MAX_INPUT {
            if let Some(tls) = &mut self.tls
                && !discard(tls, &mut buffer)
            {
                return false;
            }
            let read = match &mut self.tls {
                Some(tls) => tls.read_tls(&mut self.socket),
                None => self.socket.read(&mut buffer),
            };
            match read {
                Ok(0) => return false,
                Ok(bytes) => total += bytes,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return true,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        false
    }

    /// Closes the connection at once; the client loses what it has not yet received.
    pub fn cut(self) {
        // Otherwise the kernel would keep what is unsent, and retry for minutes.
        let _ = SockRef::from(&self.socket).set_linger(Some(Duration::ZERO));
    }
}

/// Decrypts and discards what was read. Answers to the client's key updates then wait to be written. Returns false if
/// the client has closed its side, or has broken the rules.
fn discard(tls: &mut ServerConnection, buffer: &mut [u8]) -> bool {
    let Ok(state) = tls.process_new_packets() else {
        return false;
    };
    if state.plaintext_bytes_to_read() > 0 {
        while tls.reader().read(buffer).is_ok_and(|it| it > 0) {}
    }
    !state.peer_has_closed()
}
