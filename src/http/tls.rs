//! TLS, for deployments without a reverse proxy. Browsers speak HTTP/2 only over TLS, and over HTTP/1.1 they open at
//! most six connections to a host.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, sleep, timeout_at},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::config::listening::Listening;

/// How long a client may take for the handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How often to look for a new certificate.
const RELOAD_INTERVAL: Duration = Duration::from_mins(1);

/// Where the certificate and the key are, both as PEM.
#[derive(Clone, Debug)]
pub struct Files {
    /// The server's certificate, followed by the intermediate ones up to a root.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or does not contain what it should.
    #[error("cannot read {}: {reason}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The certificate and the key do not work together.
    #[error("cannot use the certificate {} with the key {}: {source}", files.cert.display(), files.key.display())]
    Pair {
        /// Which files.
        files: Files,
        /// What is wrong.
        source: rustls::Error,
    },
}

/// Encrypts connections.
pub struct Tls {
    files: Files,
    /// When the files that were read last had been written.
    modified: Mutex<Modified>,
    config: RwLock<Arc<ServerConfig>>,
}

/// When the certificate and the key were written, as far as that can be told.
type Modified = [Option<SystemTime>; 2];

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads the certificate and the key that are configured; `None` if none are.
    pub fn configured(listening: &Listening) -> Result<Option<Self>, TlsError> {
        let files = listening.tls_cert.clone().zip(listening.tls_key.clone());
        files
            .map(|(cert, key)| Self::load(Files { cert, key }))
            .transpose()
    }

    /// Reads certificate and key.
    pub fn load(files: Files) -> Result<Self, TlsError> {
        Ok(Self {
            // Before they are read: what is written in between counts as new.
            modified: Mutex::new(modified(&files)),
            config: RwLock::new(Arc::new(config(&files)?)),
            files,
        })
    }

    /// Does the handshake; the client chooses HTTP/2 or HTTP/1.1 in it (RFC 7301).
    ///
    /// # Errors
    /// Also if it has not ended by `deadline`.
    pub async fn accept<I>(&self, io: I, deadline: Instant) -> io::Result<TlsStream<I>>
    where
        I: AsyncRead + AsyncWrite + Unpin,
    {
        let acceptor = TlsAcceptor::from(self.config());
        timeout_at(deadline, acceptor.accept(io)).await?
    }

    /// Reloads the certificate and the key whenever they have changed: certificates are renewed every few weeks, and
    /// streams are open for longer.
    pub async fn follow_files(&self) {
        loop {
            sleep(RELOAD_INTERVAL).await;
            let known = *self.modified.lock().unwrap_or_else(PoisonError::into_inner);
            if modified(&self.files) != known {
                self.reload();
            }
        }
    }

    /// Reads the certificate and the key again. If they cannot be used, the log says so and the old ones stay.
    pub fn reload(&self) {
        *self.modified.lock().unwrap_or_else(PoisonError::into_inner) = modified(&self.files);
        match config(&self.files) {
            Ok(config) => {
                *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
                tracing::info!("read the certificate again");
            }
            Err(error) => tracing::error!(%error, "keeping the certificate as it was"),
        }
    }

    fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether a client begins with the method of a plain request: a TLS record begins with a number below 32 (RFC 8446,
/// 5.1). Waits for its first byte.
///
/// # Errors
/// Also if nothing has come by `deadline`.
pub async fn is_plain(socket: &TcpStream, deadline: Instant) -> io::Result<bool> {
    let mut first = [0];
    timeout_at(deadline, socket.peek(&mut first)).await??;
    Ok(first[0].is_ascii_uppercase())
}

fn modified(files: &Files) -> Modified {
    [&files.cert, &files.key].map(|path| std::fs::metadata(path).and_then(|it| it.modified()).ok())
}

fn config(files: &Files) -> Result<ServerConfig, TlsError> {
    let failed = |path: &Path, reason: String| TlsError::File {
        path: path.to_owned(),
        reason,
    };
    let read = |path: &Path| std::fs::read(path).map_err(|error| failed(path, error.to_string()));
    let chain = read(&files.cert)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&chain)
        .collect::<Result<_, _>>()
        .map_err(|error| failed(&files.cert, error.to_string()))?;
    if chain.is_empty() {
        return Err(failed(&files.cert, "it holds no certificate".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?)
        .map_err(|error| failed(&files.key, error.to_string()))?;
    let unusable = |source| TlsError::Pair {
        files: files.clone(),
        source,
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unusable)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
