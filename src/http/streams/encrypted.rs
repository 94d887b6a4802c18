//! An encrypted connection, which can be taken back from the HTTP connection that uses it.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use rustls::ServerConnection;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::server::TlsStream;

use super::socket::SharedSocket;

/// An encrypted connection that its [`Owner`] may take back.
#[derive(Debug)]
pub struct Shared(Arc<Mutex<TlsStream<SharedSocket>>>);

/// Takes a [`Shared`] connection back.
#[derive(Debug)]
pub struct Owner(Arc<Mutex<TlsStream<SharedSocket>>>);

/// An encrypted connection to use, and the right to take it back.
pub fn share(tls: TlsStream<SharedSocket>) -> (Shared, Owner) {
    let shared = Arc::new(Mutex::new(tls));
    (Shared(Arc::clone(&shared)), Owner(shared))
}

impl Owner {
    /// What encrypts the connection. Its socket can then be taken back, too. `None` while it is still in use.
    pub fn take(self) -> Option<ServerConnection> {
        let tls = Arc::into_inner(self.0)?.into_inner();
        let (_socket, tls) = tls.unwrap_or_else(PoisonError::into_inner).into_inner();
        Some(tls)
    }
}

impl Shared {
    /// Only one of the two uses it at a time, so this never waits.
    fn lock(&self) -> MutexGuard<'_, TlsStream<SharedSocket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsyncRead for Shared {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.lock()).poll_read(context, buffer)
    }
}

impl AsyncWrite for Shared {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.lock()).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.lock()).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.lock().is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.lock()).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.lock()).poll_shutdown(context)
    }
}
