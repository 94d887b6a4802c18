//! The accept loop.
//!
//! It is our own, on hyper, because the framework's has no time limit for request heads, spins when
//! the process is out of file descriptors, and knows only "wait for ever" or "cut" as ways to stop.

use std::{convert::Infallible, io, iter, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::{
    Addr, Endpoint, Response,
    http::{HeaderValue, header::CONNECTION, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A client has so long to send the head of a request; also how long an idle connection is kept.
const HEADER_TIMEOUT: Duration = Duration::from_mins(1);
/// Longest head of a request, and what is buffered for a client that reads slowly, in bytes.
const MAX_BUFFER: usize = 64 << 10;
/// Requests under way and streams have so long to end when the server stops.
const DRAIN: Duration = Duration::from_secs(4);
/// When the server stops, idle connections are kept so long: a request may be on its way, and a proxy
/// cannot send a POST again that met a closed connection.
const LINGER: Duration = Duration::from_millis(500);
/// Pause after `accept` failed for want of a resource: descriptors, memory.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// Serves `endpoint` until `stop`, then until open connections have ended, for four seconds
/// at most.
///
/// Streams must end by themselves when `stop` is cancelled.
pub async fn serve<E>(listener: TcpListener, endpoint: E, stop: CancellationToken)
where
    E: Endpoint<Output = Response> + 'static,
{
    let endpoint = Arc::new(endpoint);
    let connections = TaskTracker::new();
    let cut = CancellationToken::new();
    let spawn = |socket, remote| {
        let connection = serve_connection(socket, remote, Arc::clone(&endpoint), stop.clone());
        let cut = cut.clone();
        connections.spawn(async move {
            tokio::select! {
                () = connection => {}
                () = cut.cancelled() => {}
            }
        });
    };
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, remote)) => spawn(socket, remote),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections; trying again");
                sleep(ACCEPT_BACKOFF).await;
            }
        }
    }
    // New connections are refused from here on, so that clients turn to another server. Those in the
    // queue are not: for their clients they stand, and requests may have been sent on them.
    for (socket, remote) in queued(listener) {
        spawn(socket, remote);
    }
    connections.close();
    if timeout(DRAIN, connections.wait()).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "cutting connections that did not end"
        );
        cut.cancel();
        connections.wait().await;
    }
}

async fn serve_connection<E>(
    socket: TcpStream,
    remote: SocketAddr,
    endpoint: Arc<E>,
    stop: CancellationToken,
) where
    E: Endpoint<Output = Response> + 'static,
{
    // An event is small and must leave now, not when more has come together.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "set_nodelay");
    }
    let Ok(local) = socket.local_addr() else {
        return;
    };
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let endpoint = Arc::clone(&endpoint);
        let stop = stop.clone();
        async move {
            let request = (
                request,
                LocalAddr(Addr::SocketAddr(local)),
                RemoteAddr(Addr::SocketAddr(remote)),
                Scheme::HTTP,
            );
            let mut response: hyper::Response<_> =
                endpoint.get_response(request.into()).await.into();
            if stop.is_cancelled() {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_BUFFER)
        // So a client that goes away is noticed at once, and not at the next keep-alive.
        .half_close(false)
        .serve_connection(TokioIo::new(socket), service);
    tokio::pin!(connection);
    let result = tokio::select! {
        result = &mut connection => result,
        () = async { stop.cancelled().await; sleep(LINGER).await } => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        // The client went away or did not speak HTTP: its affair, and common.
        tracing::debug!(%error, %remote, "connection");
    }
}

/// Closes a listener; returns the connections that it had not handed out.
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
