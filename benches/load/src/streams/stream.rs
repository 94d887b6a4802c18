//! One stream: a socket, what has been decoded, and the event that must come next.

use std::{net::SocketAddr, os::fd::OwnedFd, time::Duration};

use rustix::{
    event::epoll,
    io::Errno,
    net::{AddressFamily, SocketFlags, SocketType, connect, socket_with, sockopt},
};

use super::Group;
use crate::wire::Decoder;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Closed,
    /// The connection is being made.
    Connecting,
    /// The request has been sent.
    Requested,
    Open,
}

pub(super) struct Stream {
    pub(super) group: Group,
    pub(super) state: State,
    pub(super) socket: Option<OwnedFd>,
    pub(super) decoder: Decoder,
    /// The sequence number that must come next.
    pub(super) next: u64,
    pub(super) lost: u64,
    pub(super) doubled: u64,
}

impl Stream {
    pub(super) fn new(group: Group, next: u64) -> Self {
        Self {
            group,
            state: State::Closed,
            socket: None,
            decoder: Decoder::default(),
            next,
            lost: 0,
            doubled: 0,
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
        self.decoder.restart();
        Ok(())
    }

    /// Sends the request on a connection that has just been made.
    pub(super) fn request(
        &mut self,
        epoll: &OwnedFd,
        token: u64,
        path: &str,
        address: SocketAddr,
    ) -> Result<(), Errno> {
        let Some(socket) = &self.socket else {
            return Err(Errno::NOTCONN);
        };
        sockopt::socket_error(socket)??;
        let mut request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n")
                .into_bytes();
        let id = self.decoder.last_event_id();
        if !id.is_empty() {
            request.extend_from_slice(b"Last-Event-ID: ");
            request.extend_from_slice(id);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        // The socket's buffer is empty, so it takes everything unless the connection is broken.
        if rustix::io::write(socket, &request)? != request.len() {
            return Err(Errno::IO);
        }
        let events = epoll::EventFlags::IN;
        epoll::modify(epoll, socket, epoll::EventData::new_u64(token), events)?;
        self.state = State::Requested;
        Ok(())
    }

    /// Closes the socket. With `reset` it leaves nothing behind in the kernel.
    pub(super) fn close(&mut self, reset: bool) {
        if let Some(socket) = self.socket.take()
            && reset
        {
            let _ = sockopt::set_socket_linger(&socket, Some(Duration::ZERO));
        }
        self.state = State::Closed;
    }
}
