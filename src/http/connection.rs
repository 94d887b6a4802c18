//! One connection: HTTP/1.1 or HTTP/2, as its first bytes decide; requests for the endpoint; and streams that leave for
//! a reactor.
//!
//! - [`answer`]: the body of an answer on its way
//! - [`stalls`]: HTTP/2 streams whose clients read nothing
//! - [`waits`]: requests that wait for news

pub mod answer;
pub mod stalls;
pub mod waits;

use std::{
    convert::Infallible, error::Error, future, io, net::SocketAddr, sync::Arc, time::Duration,
};

use bytes::Bytes;
use dotcast_log::stream;
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
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use self::{
    answer::{AnswerBody, Following},
    stalls::StreamExecutor,
};
use super::{
    connections::{
        Activity, Busy,
        parting::{self, Partings},
    },
    middleware::requests,
    streams::{
        leaving::{Exit, Leaving},
        socket::Pressure,
    },
};
use crate::{
    api::resources::stream::Opening,
    places::Place,
    remote::{Proxies, Remote},
};

/// How long a client may take to send the head of a request, and how long an idle connection is kept.
const HEADER_TIMEOUT: Duration = Duration::from_mins(1);
/// Upper bound on the head of a request, and on what is buffered for a client that reads slowly, in bytes.
const MAX_BUFFER: usize = 64 << 10;
/// How long a client may take to close an idle connection after it was told that the connection ends.
const GOODBYE: Duration = Duration::from_secs(5);
/// How long idle connections are kept when the server stops. A request may be on its way, and a proxy cannot repeat a
/// POST that met a closed connection.
const LINGER: Duration = Duration::from_millis(500);
/// How many connections may take their time to end. This is less than how many may be on their way out while others
/// already have their seats, so that these need not wait.
const MAX_PARTINGS: usize = 8;
/// How often an HTTP/2 client is pinged, and how long it may take to answer.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// Upper bound on the requests and streams of one HTTP/2 connection at a time.
const MAX_CONCURRENT: u32 = 256;
/// How much of a body an HTTP/2 client may send before it is read, in bytes. A body that waits for its turn holds no
/// more memory than this.
const STREAM_WINDOW: u32 = 64 << 10;
/// The same for all bodies on one connection together, however many there are. It still allows a mebibyte per second at
/// a round trip of 250 ms.
const CONNECTION_WINDOW: u32 = 256 << 10;
/// How much of one answer h2 buffers, in bytes; one more frame may come on top.
const MAX_SEND_BUFFER: usize = 16 << 10;
/// Longest head of an HTTP/2 request, as RFC 9113, 6.5.2 counts it.
const MAX_HEADER_LIST: u32 = 16 << 10;
/// How many streams an HTTP/2 client may reset before they were looked at, and how many it may make us reset.
const MAX_RESETS: usize = 64;

/// The two ends of a connection, and the scheme.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Our address.
    pub local: SocketAddr,
    /// The client's.
    pub remote: SocketAddr,
    /// `https` if the connection is encrypted by us.
    pub scheme: Scheme,
    /// Proxies that are trusted to say which clients they speak for.
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

/// What applies to all connections.
#[derive(Clone, Debug)]
pub struct Terms {
    /// How long a client may read nothing before it is cut.
    pub write_timeout: Duration,
    /// When this is cancelled, connections end; streams end by themselves.
    pub stop: CancellationToken,
    /// How connections end.
    pub partings: Partings,
}

impl Terms {
    /// These limits. Only a few connections part at a time.
    pub fn new(write_timeout: Duration, stop: CancellationToken) -> Self {
        Self {
            write_timeout,
            stop,
            partings: Partings::new(MAX_PARTINGS),
        }
    }
}

/// What an answer under way holds.
type Taken = (Busy, Option<Arc<requests::Turn>>, Option<Arc<Place>>);

/// Answers the requests of one connection.
struct ConnectionService<E> {
    peer: Peer,
    endpoint: Arc<E>,
    terms: Terms,
    exit: Exit,
    pressure: Pressure,
    activity: Arc<Activity>,
}

/// Serves requests until the connection ends, the server stops, or a stream leaves it. Nothing uses `io` after that.
/// `pressure` is that on its socket. Streams leave only if they `may_leave`.
pub async fn serve<I, E>(
    io: I,
    pressure: Pressure,
    may_leave: bool,
    peer: Peer,
    activity: Arc<Activity>,
    endpoint: Arc<E>,
    terms: Terms,
) -> Option<Leaving>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    E: Endpoint<Output = Response> + 'static,
{
    let service = Arc::new(ConnectionService {
        peer,
        endpoint,
        terms,
        exit: Exit::new(may_leave.then(|| pressure.clone())),
        pressure,
        activity,
    });
    if let Err(error) = service.run(io).await {
        // The client went away or did not speak HTTP. That is common and not the operator's concern.
        tracing::debug!(error, remote = %service.peer.remote, "connection");
    }
    Arc::into_inner(service)?.exit.into_leaving()
}

impl<E: Endpoint<Output = Response> + 'static> ConnectionService<E> {
    async fn run<I>(self: &Arc<Self>, io: I) -> Result<(), Box<dyn Error + Send + Sync>>
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        // Boxed, and freed when the answer begins.
        let service = service_fn(|request| Box::pin(Arc::clone(self).answer(request)));
        let builder = builder(self.terms.write_timeout);
        let connection = builder.serve_connection(TokioIo::new(io), service);
        tokio::pin!(connection);
        let (goodbye, _permit) = tokio::select! {
            result = &mut connection => return result,
            () = self.exit.has_left() => return Ok(()),
            // Even if it was never told which version the client speaks.
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
            () = self.exit.has_left() => Ok(()),
            () = self.activity.idle_for(goodbye) => Ok(()),
        }
    }

    /// Not an `async fn`: that would keep room for the request for as long as this lasts.
    fn answer<B>(
        self: Arc<Self>,
        mut request: hyper::Request<Incoming>,
    ) -> impl Future<Output = Result<hyper::Response<AnswerBody<B, Taken>>, Infallible>> + Send
    where
        hyper::Response<B>: From<Response>,
        B: Body<Data = Bytes> + Unpin,
    {
        let busy = self.activity.begin();
        let version = request.version();
        let is_get = request.method() == Method::GET;
        let remote = self.peer.remote(&request);
        request.extensions_mut().insert(remote);
        let request = (
            request,
            LocalAddr(Addr::SocketAddr(self.peer.local)),
            RemoteAddr(Addr::SocketAddr(self.peer.remote)),
            self.peer.scheme.clone(),
        );
        let answered = waits::answered(&self.endpoint, request.into());
        async move {
            // Not here, where there would be room for the response all along.
            if let Some(response) = self.begin(answered.await, version, is_get, busy) {
                return Ok(response);
            }
            // The connection is dropped while this waits.
            future::pending().await
        }
    }

    /// Begins to send the answer to a request; none if its stream has left the connection. Nothing of that has been
    /// written then.
    fn begin<B>(
        &self,
        mut response: Response,
        version: Version,
        is_get: bool,
        busy: Busy,
    ) -> Option<hyper::Response<AnswerBody<B, Taken>>>
    where
        hyper::Response<B>: From<Response>,
    {
        if version < Version::HTTP_2 && self.terms.stop.is_cancelled() {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        let can_leave = version == Version::HTTP_11 && is_get && self.exit.is_open();
        // The answer to HEAD has no body, and HTTP/2 resets a stream that sends one.
        let opening = response
            .data::<Opening>()
            .and_then(Opening::take)
            .filter(|_| is_get);
        let mut following = None;
        if let Some((hub, feed)) = opening {
            if can_leave {
                self.activity.stay();
                self.exit.take(&response, feed);
                return None;
            }
            following = Some(Following {
                standing: feed.standing(),
                pressure: self.pressure.clone(),
            });
            response.set_body(poem::Body::from_bytes_stream(
                stream::body(hub, feed).map(Ok::<_, io::Error>),
            ));
        }
        let at_work = response.extensions_mut().remove();
        let counted = response.extensions_mut().remove();
        let response = hyper::Response::<B>::from(response);
        Some(response.map(|body| AnswerBody::new(body, following, (busy, at_work, counted))))
    }
}

fn builder(write_timeout: Duration) -> auto::Builder<StreamExecutor> {
    let mut builder = auto::Builder::new(StreamExecutor { write_timeout });
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_BUFFER)
        // So that a client that goes away is noticed at once, not at the next keep-alive.
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
        // A client that keeps opening streams only to reset them, or keeps breaking rules, is cut (CVE-2023-44487,
        // CVE-2025-8671).
        .max_pending_accept_reset_streams(MAX_RESETS)
        .max_local_error_reset_streams(MAX_RESETS);
    builder
}
