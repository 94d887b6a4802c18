//! One connection: a socket, what encrypts it, and the streams on it.

use std::{
    io::{self, BufRead as _, Write as _},
    net::SocketAddr,
    ops::Range,
    os::fd::OwnedFd,
    time::Duration,
};

use rustix::{
    event::epoll,
    io::Errno,
    net::{AddressFamily, SocketFlags, SocketType, connect, socket_with, sockopt},
};
use rustls::ClientConnection;

use super::{Endpoint, Group, stream::Stream};
use crate::{
    transport::{Transport, server_name},
    wire::{Malformed, http2},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Closed,
    /// The connection is being made.
    Connecting,
    /// Requests have been sent.
    Requested,
    /// All of its streams are open.
    Open,
}

pub(super) struct Connection {
    pub(super) group: Group,
    pub(super) state: State,
    /// The places of its streams among all.
    pub(super) streams: Range<usize>,
    /// How many of them are open.
    pub(super) open: usize,
    pub(super) socket: Option<OwnedFd>,
    tls: Option<Box<ClientConnection>>,
    http2: Option<Box<http2::Connection>>,
}

impl Connection {
    pub(super) fn new(group: Group, streams: Range<usize>) -> Self {
        Self {
            group,
            state: State::Closed,
            streams,
            open: 0,
            socket: None,
            tls: None,
            http2: None,
        }
    }

    /// Begins to connect; epoll reports when that is done.
    pub(super) fn connect(
        &mut self,
        epoll: &OwnedFd,
        token: u64,
        address: SocketAddr,
        receive_buffer: Option<usize>,
    ) -> Result<(), Errno> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
        if let Some(size) = receive_buffer {
            sockopt::set_socket_recv_buffer_size(&socket, size)?;
        }
        match connect(&socket, &address) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(error) => return Err(error),
        }
        epoll::add(
            epoll,
            &socket,
            epoll::EventData::new_u64(token),
            epoll::EventFlags::OUT,
        )?;
        self.socket = Some(socket);
        self.state = State::Connecting;
        Ok(())
    }

    /// Sends the requests of `streams` on a connection that has just been made. Over TLS they follow its handshake.
    pub(super) fn request(
        &mut self,
        epoll: &OwnedFd,
        token: u64,
        endpoint: &Endpoint,
        streams: &[Stream],
    ) -> Result<(), Malformed> {
        let socket = self.socket.as_ref().ok_or(Malformed::Ended)?;
        let connected = sockopt::socket_error(socket);
        connected.and_then(|it| it).map_err(|_| Malformed::Ended)?;
        if let Some(config) = endpoint.transport.of_streams() {
            let session = ClientConnection::new(config.clone(), server_name());
            let mut session = session.map_err(|error| Malformed::Tls(error.to_string()))?;
            // The requests wait in it until the handshake is done.
            session.set_buffer_limit(None);
            self.tls = Some(Box::new(session));
        }
        let authority = endpoint.address.to_string();
        let mut asked = self.streams.clone().zip(streams).map(|(place, stream)| {
            let path = endpoint.path.replace("{stream}", &format!("{place:04}"));
            (path, stream.decoder.last_event_id())
        });
        let requests = if matches!(endpoint.transport, Transport::Http2 { .. }) {
            let mut http2 = http2::Connection::new(&authority, asked);
            let requests = http2.reply();
            self.http2 = Some(Box::new(http2));
            requests
        } else {
            let (path, last_id) = asked.next().ok_or(Malformed::Ended)?;
            http1_request(&authority, &path, last_id)
        };
        self.send(&requests)?;
        let events = epoll::EventFlags::IN;
        let data = epoll::EventData::new_u64(token);
        let socket = self.socket.as_ref().ok_or(Malformed::Ended)?;
        epoll::modify(epoll, socket, data, events).map_err(|_| Malformed::Ended)?;
        self.state = State::Requested;
        Ok(())
    }

    /// Takes what has been read from the socket, and hands over what belongs to each stream, with the stream's place on
    /// this connection.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        mut on_piece: impl FnMut(usize, &[u8]) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        let Self { tls, http2, .. } = self;
        let mut on_text = |text: &[u8]| match http2 {
            Some(http2) => http2.feed(text, &mut on_piece),
            None => on_piece(0, text),
        };
        let Some(session) = tls else {
            return on_text(bytes);
        };
        decrypt(session, bytes, on_text)?;
        let reply = http2.as_mut().map(|it| it.reply()).unwrap_or_default();
        self.send(&reply)
    }

    /// Sends this behind all that waits to be sent.
    fn send(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        let socket = self.socket.as_ref().ok_or(Malformed::Ended)?;
        let Some(tls) = &mut self.tls else {
            // The socket's buffer is empty, so it takes everything unless the connection is broken.
            let sent = rustix::io::write(socket, bytes);
            return (sent == Ok(bytes.len()))
                .then_some(())
                .ok_or(Malformed::Ended);
        };
        tls.writer()
            .write_all(bytes)
            .map_err(|_| Malformed::Ended)?;
        while tls.wants_write() {
            match tls.write_tls(&mut Socket(socket)) {
                Ok(_) => {}
                // What has no room goes along the next time.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => return Err(Malformed::Ended),
            }
        }
        Ok(())
    }

    /// Closes the socket. With `reset` it leaves nothing behind in the kernel.
    pub(super) fn close(&mut self, reset: bool) {
        if let Some(socket) = self.socket.take()
            && reset
        {
            let _ = sockopt::set_socket_linger(&socket, Some(Duration::ZERO));
        }
        (self.tls, self.http2) = (None, None);
        self.open = 0;
        self.state = State::Closed;
    }
}

/// Hands over the text of the records in `bytes`.
fn decrypt(
    session: &mut ClientConnection,
    mut bytes: &[u8],
    mut on_text: impl FnMut(&[u8]) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let failed = |error: &dyn std::fmt::Display| Malformed::Tls(error.to_string());
    while !bytes.is_empty() {
        session
            .read_tls(&mut bytes)
            .map_err(|error| failed(&error))?;
        session
            .process_new_packets()
            .map_err(|error| failed(&error))?;
        let mut reader = session.reader();
        loop {
            let text = match reader.fill_buf() {
                Ok([]) => return Err(Malformed::Ended),
                Ok(text) => text,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(failed(&error)),
            };
            on_text(text)?;
            let length = text.len();
            reader.consume(length);
        }
    }
    Ok(())
}

fn http1_request(authority: &str, path: &str, last_id: &[u8]) -> Vec<u8> {
    let mut request =
        format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nAccept: text/event-stream\r\n")
            .into_bytes();
    if !last_id.is_empty() {
        request.extend_from_slice(b"Last-Event-ID: ");
        request.extend_from_slice(last_id);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    request
}

struct Socket<'a>(&'a OwnedFd);

impl io::Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(self.0, bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
