//! The accept loop.
//!
//! It is our own, on hyper, because the framework's loop has no time limit for request heads, spins when the process is
//! out of file descriptors, and can stop only by waiting for ever or by cutting connections.

use std::{io, iter, net::SocketAddr, sync::Arc, time::Duration};

use dotcast_log::vital::Panicked;
use poem::{Endpoint, Response, http::uri::Scheme};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    time::{Instant, sleep, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    connection::{self, Peer, Terms},
    connections::{
        Activity, Connections, Seat,
        refusal::{self, Refusals},
    },
    statistics::Statistics,
    streams::{encrypted, reactor::Reactors, socket},
    tls::{self, HANDSHAKE_TIMEOUT, Tls},
};
use crate::remote::{Client, Proxies};

/// How long requests under way and streams may take to end when the server stops.
const DRAIN: Duration = Duration::from_secs(4);
/// Pause after `accept` failed because a resource ran out: descriptors or memory.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// Upper bound on the connections that wait to be accepted; Linux lowers it to `net.core.somaxconn`. With the usual
/// 128, most of a thousand clients that come back at once would have to try again after a second, and then after two
/// more.
const BACKLOG: u32 = 1 << 16;

/// Serves connections.
#[derive(Debug)]
pub struct Server<E> {
    /// What answers requests.
    pub endpoint: Arc<E>,
    /// The threads that own streams over HTTP/1.1. Without them no stream leaves its connection.
    pub reactors: Option<Arc<Reactors>>,
    /// If there is a certificate, connections are encrypted with it.
    pub tls: Option<Arc<Tls>>,
    /// Proxies that are trusted to say which clients they speak for.
    pub proxies: Arc<Proxies>,
    /// How many connections there are, and can be.
    pub connections: Arc<Connections>,
    /// What applies to each connection.
    pub terms: Terms,
    /// Where refused connections are counted.
    pub statistics: Statistics,
}

impl<E> Server<E>
where
    E: Endpoint<Output = Response> + 'static,
{
    /// Serves until `stop`, then until open connections have ended, for at most four seconds.
    ///
    /// # Errors
    /// If a reactor has panicked.
    pub async fn serve(self, listener: TcpListener) -> Result<(), Panicked> {
        let connections = TaskTracker::new();
        let cut = CancellationToken::new();
        let server = Arc::new(self);
        let refusals = Refusals::default();
        let spawn = async |socket: TcpStream, remote: SocketAddr| {
            let client = !server.proxies.trust(remote.ip());
            let client = client.then(|| Client::at(remote.ip()));
            let seat = match server.connections.enter(client).await {
                Ok(seat) => seat,
                Err(refusal) => {
                    server.statistics.refused(refusal.limit());
                    refusals.note(refusal, remote.ip(), server.connections.open());
                    // Before the handshake nothing can be said, and the handshake costs more than a refusal may.
                    if server.tls.is_none()
                        && let Some(answer) = refusals.answer(socket, refusal)
                    {
                        connections.spawn(answer);
                    }
                    return;
                }
            };
            // Created here, so that connections count as idle in the order in which they arrived.
            let activity = Arc::new(server.connections.activity());
            let connection = Arc::clone(&server).connection(socket, remote, seat, activity);
            let cut = cut.clone();
            connections.spawn(async move {
                tokio::select! {
                    () = connection => {}
                    () = cut.cancelled() => {}
                }
            });
        };
        let mut accepts = true;
        loop {
            let accepted = tokio::select! {
                () = server.terms.stop.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((socket, remote)) => {
                    if !accepts {
                        tracing::info!("accepting connections again");
                        accepts = true;
                    }
                    spawn(socket, remote).await;
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    // Logged once, not on every attempt.
                    if accepts {
                        tracing::warn!(
                            %error,
                            streams = server.reactors.as_ref().map(|it| it.open()),
                            "cannot accept connections; trying again"
                        );
                        accepts = false;
                    }
                    sleep(ACCEPT_BACKOFF).await;
                }
            }
        }
        let deadline = Instant::now() + DRAIN;
        // Refuse new connections from here on, so that clients turn to another server. Connections in the queue are not
        // refused: for their clients they are open, and requests may have been sent on them.
        for (socket, remote) in queued(listener) {
            spawn(socket, remote).await;
        }
        connections.close();
        if timeout_at(deadline, connections.wait()).await.is_err() {
            tracing::warn!(
                connections = connections.len(),
                "cutting connections that did not end"
            );
            cut.cancel();
            connections.wait().await;
        }
        // No connection is left that could hand a stream over to them.
        if let Some(server) = Arc::into_inner(server)
            && let Some(reactors) = server.reactors.and_then(Arc::into_inner)
        {
            reactors.finish(deadline - Instant::now()).await?;
        }
        Ok(())
    }

    async fn connection(
        self: Arc<Self>,
        socket: TcpStream,
        remote: SocketAddr,
        seat: Seat,
        activity: Arc<Activity>,
    ) {
        let Ok(local) =
            socket::prepare(&socket, self.terms.write_timeout).and_then(|()| socket.local_addr())
        else {
            return;
        };
        let deadline = Instant::now() + HANDSHAKE_TIMEOUT;
        if self.tls.is_some() {
            let is_plain = tokio::select! {
                is_plain = tls::is_plain(&socket, deadline) => is_plain,
                () = activity.gives_way() => return,
            };
            match is_plain {
                Ok(false) => {}
                Ok(true) => return refusal::tell(socket, refusal::unencrypted()).await,
                Err(error) => return tracing::debug!(%error, %remote, "TLS"),
            }
        }
        let (io, owner) = socket::share(socket, self.terms.write_timeout);
        let pressure = io.pressure();
        let endpoint = Arc::clone(&self.endpoint);
        let terms = self.terms.clone();
        let peer = |scheme| Peer {
            local,
            remote,
            scheme,
            proxies: Arc::clone(&self.proxies),
        };
        let may_leave = self.reactors.is_some();
        let (leaving, encryption) = if let Some(tls) = &self.tls {
            let accepted = tokio::select! {
                accepted = tls.accept(io, deadline) => accepted,
                () = activity.gives_way() => return,
            };
            match accepted {
                Ok(io) => {
                    let (peer, (io, owner)) = (peer(Scheme::HTTPS), encrypted::share(io));
                    let leaving =
                        connection::serve(io, pressure, may_leave, peer, activity, endpoint, terms);
                    (leaving.await, owner.take().map(Box::new))
                }
                // The client did not speak TLS, or does not trust our certificate.
                Err(error) => {
                    tracing::debug!(%error, %remote, "TLS");
                    (None, None)
                }
            }
        } else {
            let peer = peer(Scheme::HTTP);
            let leaving =
                connection::serve(io, pressure, may_leave, peer, activity, endpoint, terms);
            (leaving.await, None)
        };
        let Some(socket) = owner.take() else { return };
        let (Some(leaving), Some(reactors)) = (leaving, &self.reactors) else {
            return self.terms.partings.end(socket).await;
        };
        if let Ok(socket) = socket.into_std() {
            reactors.adopt(socket, encryption, leaving, seat);
        }
    }
}

/// Listens, even right after another server has ended on this address.
///
/// # Errors
/// If the address is taken or not ours.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Closes a listener. Returns the connections that it had not handed out yet.
fn queued(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let Ok(listener) = listener.into_std() else {
        return Vec::new();
    };
    // It does not block: an empty queue is an error.
    let accept = || {
        let (socket, remote) = listener.accept().ok()?;
        socket.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(socket).ok()?, remote))
    };
    iter::from_fn(accept).collect()
}

/// Errors of `accept` that concern only the connection that would have been accepted (accept(2)).
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn many_that_come_at_once_wait_and_need_not_knock_again() {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let address = listener.local_addr().expect("an address");
        // The second SYN would come only after a second.
        let patience = Duration::from_millis(900);
        let clients: Result<Vec<_>, _> = (0..500)
            .map(|_| std::net::TcpStream::connect_timeout(&address, patience))
            .collect();
        assert_eq!(clients.expect("nobody is refused").len(), 500);
    }
}
