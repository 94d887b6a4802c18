//! One connection: HTTP/1.1 or HTTP/2 as its first bytes tell, requests for the endpoint, and streams
//! that leave for a reactor.

use std::{
    convert::Infallible,
    error::Error,
    future, io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use dotcast_log::{feed::Feed, stream};
use futures_util::StreamExt as _;
use hyper::{
    body::{Body, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto,
};
use poem::{
    Addr, Endpoint, Response,
    http::{HeaderValue, Method, Version, header::CONNECTION, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{
    answer::AnswerBody,
    connections::{Activity, Busy},
    parting::{self, Partings},
    reactor::chunk,
    requests,
    socket::Pressure,
    stalls::Streams,
};
use crate::{
    api::resources::stream::Opening,
    places::Place,
    remote::{Proxies, Remote},
};

/// A client has so long to send the head of a request; also how long an idle connection is kept.
const HEADER_TIMEOUT: Duration = Duration::from_mins(1);
/// Longest head of a request, and what is buffered for a client that reads slowly, in bytes.
const MAX_BUFFER: usize = 64 << 10;
/// A client that was told that an idle connection ends has so long to end it from its side.
const GOODBYE: Duration = Duration::from_secs(5);
/// When the server stops, idle connections are kept so long: a request may be on its way, and a proxy
/// cannot send a POST again that met a closed connection.
const LINGER: Duration = Duration::from_millis(500);
/// Connections that may take their time to end. Fewer than may be on their way out while others have taken their
/// seats, so that these need not wait.
const MAX_PARTINGS: usize = 8;
/// An HTTP/2 client is asked so often whether it is still there, and has as long to answer.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// Requests and streams on one HTTP/2 connection at a time.
const MAX_CONCURRENT: u32 = 256;
/// What an HTTP/2 client may send of a body before somebody reads it, in bytes: a body that waits for its turn
/// holds no more memory than this.
const STREAM_WINDOW: u32 = 64 << 10;
/// The same for all bodies on one connection, which nobody counts. A mebibyte per second still fits through at
/// a round trip of 250 ms.
const CONNECTION_WINDOW: u32 = 256 << 10;
/// What h2 buffers of one answer, in bytes, and one frame more.
const MAX_SEND_BUFFER: usize = 16 << 10;
/// Longest head of an HTTP/2 request, as RFC 9113, 6.5.2 counts it.
const MAX_HEADER_LIST: u32 = 16 << 10;
/// Streams that an HTTP/2 client may have reset before they were looked at, and streams that it made us reset.
const MAX_RESETS: usize = 64;

/// Who talks to whom, and how.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Our address.
    pub local: SocketAddr,
    /// The client's.
    pub remote: SocketAddr,
    /// `https` if the connection is encrypted by us.
    pub scheme: Scheme,
    /// Who is believed when they speak for others.
    pub proxies: Arc<Proxies>,
}

impl Peer {
    /// Where a request on this connection comes from.
    fn remote(&self, request: &hyper::Request<Incoming>) -> Remote {
        Remote::new(
            self.remote.ip(),
            self.scheme == Scheme::HTTPS,
            request.uri(),
            request.headers(),
            &self.proxies,
        )
    }
}

/// A stream that leaves its connection.
#[derive(Debug)]
pub struct Leaving {
    /// The head of the response.
    pub head: Vec<u8>,
    /// The stream.
    pub feed: Feed,
}

/// What holds for all connections.
#[derive(Clone, Debug)]
pub struct Terms {
    /// A client that takes nothing for so long is cut.
    pub write_timeout: Duration,
    /// Connections end when this is cancelled, and streams by themselves.
    pub stop: CancellationToken,
    /// How connections end.
    pub partings: Partings,
}

impl Terms {
    /// These, and few connections that part at a time.
    pub fn new(write_timeout: Duration, stop: CancellationToken) -> Self {
        Self {
            write_timeout,
            stop,
            partings: Partings::new(MAX_PARTINGS),
        }
    }
}

/// What an answer that is on its way has taken.
type Held = (Busy, Option<Arc<requests::Turn>>, Option<Arc<Place>>);

/// What the requests of one connection share.
struct Connection<E> {
    peer: Peer,
    endpoint: Arc<E>,
    terms: Terms,
    /// If streams may leave.
    pressure: Option<Pressure>,
    leaving: Mutex<Option<Leaving>>,
    has_left: Notify,
    activity: Arc<Activity>,
}

/// Serves requests until the connection ends, the server stops, or a stream leaves it. Nobody uses `io` then.
/// Streams leave only if its `pressure` is told.
pub async fn serve<I, E>(
    io: I,
    pressure: Option<Pressure>,
    peer: Peer,
    activity: Arc<Activity>,
    endpoint: Arc<E>,
    terms: Terms,
) -> Option<Leaving>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    E: Endpoint<Output = Response> + 'static,
{
    let shared = Arc::new(Connection {
        peer,
        endpoint,
        terms,
        pressure,
        leaving: Mutex::new(None),
        has_left: Notify::new(),
        activity,
    });
    if let Err(error) = shared.run(io).await {
        // The client went away or did not speak HTTP: its affair, and common.
        tracing::debug!(error, remote = %shared.peer.remote, "connection");
    }
    let shared = Arc::into_inner(shared)?;
    let leaving = shared.leaving.into_inner();
    leaving.unwrap_or_else(PoisonError::into_inner)
}

impl<E: Endpoint<Output = Response> + 'static> Connection<E> {
    async fn run<I>(self: &Arc<Self>, io: I) -> Result<(), Box<dyn Error + Send + Sync>>
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        // In a box, which goes when the answer begins: a stream over HTTP/2 would hold the room in which its
        // request was answered for as long as it lasts, and that is tens of KiB.
        let service = service_fn(|request| Box::pin(Arc::clone(self).answer(request)));
        let builder = builder(self.terms.write_timeout);
        let connection = builder.serve_connection(TokioIo::new(io), service);
        tokio::pin!(connection);
        let (goodbye, _permit) = tokio::select! {
            result = &mut connection => return result,
            () = self.has_left.notified() => return Ok(()),
            // Also when it was never told which version the client speaks.
            () = self.activity.idle_for(HEADER_TIMEOUT) => (GOODBYE, None),
            () = self.activity.gives_way() => {
                let permit = self.terms.partings.begin();
                let patience = permit.as_ref().map_or(Duration::ZERO, |_| parting::PATIENCE);
                (patience, permit)
            }
            () = async { self.terms.stop.cancelled().await; sleep(LINGER).await } => (GOODBYE, None),
        };
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            biased;
            result = &mut connection => result,
            () = self.has_left.notified() => Ok(()),
            () = self.activity.idle_for(goodbye) => Ok(()),
        }
    }

    fn leave(&self, leaving: Leaving) {
        self.activity.stay();
        *self.leaving.lock().unwrap_or_else(PoisonError::into_inner) = Some(leaving);
        self.has_left.notify_one();
    }

    async fn answer<B>(
        self: Arc<Self>,
        mut request: hyper::Request<Incoming>,
    ) -> Result<hyper::Response<AnswerBody<B, Held>>, Infallible>
    where
        hyper::Response<B>: From<Response>,
        B: Body<Data = Bytes> + Unpin,
    {
        let busy = self.activity.begin();
        let version = request.version();
        let is_head = request.method() == Method::HEAD;
        let may_leave = request.method() == Method::GET && version == Version::HTTP_11;
        let remote = self.peer.remote(&request);
        request.extensions_mut().insert(remote);
        let request = (
            request,
            LocalAddr(Addr::SocketAddr(self.peer.local)),
            RemoteAddr(Addr::SocketAddr(self.peer.remote)),
            self.peer.scheme.clone(),
        );
        let mut response = self.endpoint.get_response(request.into()).await;
        if version < Version::HTTP_2 && self.terms.stop.is_cancelled() {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        // While bytes of an earlier response wait in buffers, the socket cannot be taken back.
        let can_leave = may_leave && self.pressure.as_ref().is_some_and(|it| !it.is_blocked());
        let opening = response.data::<Opening>().and_then(Opening::take);
        let is_stream = !is_head && opening.is_some();
        if let Some((hub, feed)) = opening {
            if can_leave {
                let head = chunk::head(response.status(), response.headers());
                self.leave(Leaving { head, feed });
                // Nothing of this response has been written, and nothing will be: the connection is
                // dropped while it waits here.
                return future::pending().await;
            }
            response.set_body(poem::Body::from_bytes_stream(
                stream::body(hub, feed).map(Ok::<_, io::Error>),
            ));
        }
        let at_work = response.extensions_mut().remove();
        let counted = response.extensions_mut().remove();
        let response = hyper::Response::<B>::from(response);
        Ok(response.map(|body| AnswerBody::new(body, is_stream, (busy, at_work, counted))))
    }
}

fn builder(write_timeout: Duration) -> auto::Builder<Streams> {
    let mut builder = auto::Builder::new(Streams { write_timeout });
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_BUFFER)
        // So a client that goes away is noticed at once, and not at the next keep-alive.
        .half_close(false)
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_INTERVAL)
        .max_concurrent_streams(MAX_CONCURRENT)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(MAX_SEND_BUFFER)
        .max_header_list_size(MAX_HEADER_LIST)
        // A client that opens streams only to reset them, or breaks rules again and again, is cut
        // (CVE-2023-44487, CVE-2025-8671).
        .max_pending_accept_reset_streams(MAX_RESETS)
        .max_local_error_reset_streams(MAX_RESETS);
    builder
}
