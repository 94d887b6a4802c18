//! A client's socket, which can be taken back from the HTTP connection that uses it.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// How long a client may be silent before the system probes whether it is still there, and how often it probes then.
const PROBE_AFTER: Duration = Duration::from_mins(1);
const PROBE_INTERVAL: Duration = Duration::from_secs(15);

/// The system takes more bytes for a client only when fewer than this many are left to send. Without this bound it
/// buffers megabytes for a client that reads slowly, and the fact that it takes bytes does not show whether the client
/// is still reading.
#[cfg(target_os = "linux")]
const MAX_UNSENT: u32 = 16 << 10;

/// Prepares an accepted socket: what is written leaves at once, little is queued for a client that reads slowly, and a
/// client that has vanished is noticed. If the client has acknowledged nothing of what it was sent for `write_timeout`,
/// the connection breaks (RFC 5482). Otherwise the system would keep resending for a quarter of an hour, and would not
/// probe, because data is in flight.
///
/// # Errors
/// If the client is gone already.
pub fn prepare(socket: &TcpStream, write_timeout: Duration) -> io::Result<()> {
    // An event is small and must leave now, without waiting for more data.
    socket.set_nodelay(true)?;
    let probes = TcpKeepalive::new()
        .with_time(PROBE_AFTER)
        .with_interval(PROBE_INTERVAL);
    let socket = SockRef::from(socket);
    #[cfg(target_os = "linux")]
    {
        socket.set_tcp_notsent_lowat(MAX_UNSENT)?;
        socket.set_tcp_user_timeout(Some(write_timeout))?;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = write_timeout;
    socket.set_tcp_keepalive(&probes)
}

/// A socket that its [`Owner`] may take back. Writes fail if the client reads nothing for too long.
#[derive(Debug)]
pub struct SharedSocket {
    socket: Arc<TcpStream>,
    pressure: Pressure,
    write_timeout: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

/// Takes a [`SharedSocket`] socket back.
#[derive(Debug)]
pub struct Owner(Arc<TcpStream>);

/// Tells whether bytes wait to be written to a [`SharedSocket`] socket, and whether they waited for too long.
#[derive(Clone, Debug, Default)]
pub struct Pressure(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    is_blocked: AtomicBool,
    has_stalled: AtomicBool,
}

/// A socket to use, and the right to take it back.
pub fn share(socket: TcpStream, write_timeout: Duration) -> (SharedSocket, Owner) {
    let socket = Arc::new(socket);
    let shared = SharedSocket {
        socket: Arc::clone(&socket),
        pressure: Pressure::default(),
        write_timeout,
        stalled: None,
    };
    (shared, Owner(socket))
}

impl Owner {
    /// The socket. `None` while it is still in use.
    pub fn take(self) -> Option<TcpStream> {
        Arc::into_inner(self.0)
    }
}

impl Pressure {
    /// Whether the socket did not take the last write.
    pub fn is_blocked(&self) -> bool {
        self.0.is_blocked.load(Ordering::Relaxed)
    }

    /// Whether a write failed because the client read nothing for too long.
    pub fn has_stalled(&self) -> bool {
        self.0.has_stalled.load(Ordering::Relaxed)
    }
}

impl SharedSocket {
    /// Tells whether bytes wait to be written, also after the socket was handed on.
    pub fn pressure(&self) -> Pressure {
        self.pressure.clone()
    }

    /// Runs `attempt` when the socket has room.
    fn write(
        &mut self,
        context: &mut Context<'_>,
        attempt: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        while self.socket.poll_write_ready(context)?.is_ready() {
            match attempt(&self.socket) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => {
                    self.stalled = None;
                    self.pressure.0.is_blocked.store(false, Ordering::Relaxed);
                    return Poll::Ready(done);
                }
            }
        }
        let flags = &self.pressure.0;
        flags.is_blocked.store(true, Ordering::Relaxed);
        let write_timeout = self.write_timeout;
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(write_timeout)));
        ready!(stalled.as_mut().poll(context));
        self.pressure.0.has_stalled.store(true, Ordering::Relaxed);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for SharedSocket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.socket.poll_read_ready(context))?;
            match self.socket.try_read_buf(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done.map(|_| ())),
            }
        }
    }
}

impl AsyncWrite for SharedSocket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write(context, |socket| socket.try_write(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(context, |socket| socket.try_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(SockRef::from(&*self.socket).shutdown(std::net::Shutdown::Write))
    }
}
