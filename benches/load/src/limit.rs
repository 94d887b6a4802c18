//! The limit: how cheap a stream server can get. One epoll loop, and one ready-made chunk per socket and message,
//! written with `write(2)`. It does not parse HTTP past the end of the head, and has no routes, no credentials and no
//! log.
//!
//! The bytes of an event are those of dotcast. A POST with several lines publishes several events in one chunk.

use std::{
    collections::HashMap,
    io::Write as _,
    net::{Ipv4Addr, SocketAddrV4, TcpListener},
    os::fd::OwnedFd,
};

use memchr::memmem;
use rustix::{
    buffer::spare_capacity,
    event::epoll,
    io::Errno,
    net::{SocketFlags, accept_with, listen, sockopt},
};

use crate::error::{Context as _, Result};

const LISTENER: u64 = u64::MAX;
const STREAM_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
    Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n: limit\n\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

struct Connection {
    socket: OwnedFd,
    /// What has arrived of a request.
    request: Vec<u8>,
}

struct Limit {
    epoll: OwnedFd,
    connections: HashMap<u64, Connection>,
    /// Connections that are streams.
    subscribers: Vec<(u64, OwnedFd)>,
    next_token: u64,
    events: u64,
}

/// Serves on this port until the process is ended.
pub fn run(port: u16) -> Result<()> {
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    let listener = TcpListener::bind(address).context(format!("listening on {address}"))?;
    // The library's backlog is 128, too short for a storm.
    listen(&listener, 4096).context("listen")?;
    listener.set_nonblocking(true).context("listener")?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).context("epoll_create")?;
    let token = epoll::EventData::new_u64(LISTENER);
    epoll::add(&epoll, &listener, token, epoll::EventFlags::IN).context("epoll_ctl")?;
    let mut limit = Limit {
        epoll,
        connections: HashMap::new(),
        subscribers: Vec::new(),
        next_token: 0,
        events: 0,
    };
    let mut ready = Vec::with_capacity(1024);
    loop {
        ready.clear();
        match epoll::wait(&limit.epoll, spare_capacity(&mut ready), None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error).context("epoll_wait"),
        }
        for event in &ready {
            match event.data.u64() {
                LISTENER => limit.accept(&listener),
                token => limit.read(token),
            }
        }
    }
}

impl Limit {
    fn accept(&mut self, listener: &TcpListener) {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        while let Ok(socket) = accept_with(listener, flags) {
            let _ = sockopt::set_tcp_nodelay(&socket, true);
            let token = self.next_token;
            self.next_token += 1;
            let data = epoll::EventData::new_u64(token);
            if epoll::add(&self.epoll, &socket, data, epoll::EventFlags::IN).is_ok() {
                let request = Vec::new();
                self.connections
                    .insert(token, Connection { socket, request });
            }
        }
    }

    fn read(&mut self, token: u64) {
        let mut buffer = [0; 16 << 10];
        let Some(connection) = self.connections.get_mut(&token) else {
            // A subscriber sends nothing more, so this is its end.
            self.subscribers.retain(|&(it, _)| it != token);
            return;
        };
        match rustix::io::read(&connection.socket, &mut buffer) {
            Ok(0) => {
                self.connections.remove(&token);
                return;
            }
            Ok(length) => connection.request.extend_from_slice(&buffer[..length]),
            Err(Errno::AGAIN | Errno::INTR) => return,
            Err(_) => {
                self.connections.remove(&token);
                return;
            }
        }
        let Some(end) = memmem::find(&connection.request, b"\r\n\r\n") else {
            return;
        };
        if connection.request.starts_with(b"GET ") {
            if let Some(Connection { socket, .. }) = self.connections.remove(&token)
                && rustix::io::write(&socket, STREAM_HEAD) == Ok(STREAM_HEAD.len())
            {
                self.subscribers.push((token, socket));
            }
            return;
        }
        let head = String::from_utf8_lossy(&connection.request[..end]).to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"));
        let length = length
            .and_then(|it| it.trim().parse::<usize>().ok())
            .unwrap_or(0);
        let body = end + 4..end + 4 + length;
        if connection.request.len() < body.end {
            return;
        }
        // The answer goes first, as from a server that already has the event in its log.
        let _ = rustix::io::write(&connection.socket, ANSWER);
        let chunk = chunk(&connection.request[body.clone()], &mut self.events);
        connection.request.drain(..body.end);
        self.subscribers
            .retain(|(_, socket)| rustix::io::write(socket, &chunk) == Ok(chunk.len()));
    }
}

/// Each line as an event, all in one chunk.
fn chunk(body: &[u8], events: &mut u64) -> Vec<u8> {
    let mut text = Vec::new();
    for line in body
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        *events += 1;
        // Writing to a `Vec` cannot fail.
        let _ = write!(text, "id: {events}\nevent: newBoard\ndata: ");
        text.extend_from_slice(line);
        text.extend_from_slice(b"\n\n");
    }
    let mut chunk = Vec::with_capacity(text.len() + 16);
    let _ = write!(chunk, "{:x}\r\n", text.len());
    chunk.extend_from_slice(&text);
    chunk.extend_from_slice(b"\r\n");
    chunk
}
