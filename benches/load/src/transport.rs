//! What carries HTTP: TCP as it is, or TLS with a certificate that is made for each server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    client::Resumption,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};

use crate::error::{Context as _, Error, Result};

/// How a stream reaches its server.
#[derive(Clone, Debug)]
pub enum Transport {
    /// HTTP/1.1 over TCP.
    Plain,
    /// HTTP/1.1 over TLS.
    Tls(Arc<ClientConfig>),
    /// HTTP/2 over TLS.
    Http2 {
        /// For streams.
        streams: Arc<ClientConfig>,
        /// For requests, which go over HTTP/1.1.
        requests: Arc<ClientConfig>,
    },
}

impl Transport {
    /// What a stream needs to encrypt, if it does.
    pub fn of_streams(&self) -> Option<&Arc<ClientConfig>> {
        match self {
            Self::Plain => None,
            Self::Tls(config)
            | Self::Http2 {
                streams: config, ..
            } => Some(config),
        }
    }

    /// What a request needs to encrypt, if it does.
    pub fn of_requests(&self) -> Option<&Arc<ClientConfig>> {
        match self {
            Self::Plain => None,
            Self::Tls(config)
            | Self::Http2 {
                requests: config, ..
            } => Some(config),
        }
    }
}

/// A certificate for 127.0.0.1 that has signed itself, and its key: files that a server reads.
pub struct Certificate {
    /// The certificate (PEM).
    pub cert: PathBuf,
    /// Its private key (PEM).
    pub key: PathBuf,
}

/// By itself, openssl makes an authority's certificate, with which a server may not identify itself.
const REQUEST: &str = "[req]\ndistinguished_name=name\nprompt=no\nx509_extensions=server\n[name]\nCN=127.0.0.1\n\
    [server]\nsubjectAltName=IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n";

impl Certificate {
    /// Makes one in this folder, with `openssl`.
    pub fn make(folder: &Path) -> Result<Self> {
        let made = Self {
            cert: folder.join("server.crt"),
            key: folder.join("server.key"),
        };
        let request = folder.join("request");
        fs::write(&request, REQUEST).context(request.display().to_string())?;
        let output = Command::new("openssl")
            .args(
                "req -x509 -days 2 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
                    .split(' '),
            )
            .args([Path::new("-config"), &request])
            .args([Path::new("-keyout"), &made.key])
            .args([Path::new("-out"), &made.cert])
            .output()
            .context("openssl; install the package openssl")?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            return Err(Error::Server(format!(
                "openssl makes no certificate: {text}"
            )));
        }
        Ok(made)
    }

    /// What a client needs that trusts this certificate alone and offers these protocols. Each of its handshakes is a
    /// whole one: no session is resumed.
    pub fn client(&self, protocols: &[&[u8]]) -> Result<Arc<ClientConfig>> {
        let what = self.cert.display().to_string();
        let failed = |error: &dyn std::fmt::Display| Error::Server(format!("{what}: {error}"));
        let mut roots = RootCertStore::empty();
        let cert = CertificateDer::from_pem_file(&self.cert).map_err(|error| failed(&error))?;
        roots.add(cert).map_err(|error| failed(&error))?;
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions();
        let mut config = builder
            .map_err(|error| failed(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
        config.resumption = Resumption::disabled();
        Ok(Arc::new(config))
    }
}

/// The name in a [`Certificate`].
pub fn server_name() -> ServerName<'static> {
    ServerName::IpAddress(std::net::Ipv4Addr::LOCALHOST.into())
}

#[cfg(test)]
mod tests {
    use rustls::{ClientConnection, ServerConfig, ServerConnection, pki_types::PrivateKeyDer};

    use super::*;

    /// What a client that trusts `trusted` and a server with `shown` agree upon.
    fn agreed(trusted: &Certificate, shown: &Certificate) -> Option<Vec<u8>> {
        let chain = vec![CertificateDer::from_pem_file(&shown.cert).expect("a certificate")];
        let key = PrivateKeyDer::from_pem_file(&shown.key).expect("a key");
        let provider = Arc::new(ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a pair");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut server = ServerConnection::new(Arc::new(config)).expect("a server");
        let config = trusted.client(&[b"http/1.1"]).expect("a client");
        let mut client = ClientConnection::new(config, server_name()).expect("a client");
        while client.is_handshaking() {
            let mut sent = Vec::new();
            client.write_tls(&mut sent).expect("a vector has room");
            server.read_tls(&mut sent.as_slice()).expect("read");
            server.process_new_packets().ok()?;
            let mut sent = Vec::new();
            while server.wants_write() {
                server.write_tls(&mut sent).expect("a vector has room");
            }
            let mut sent = sent.as_slice();
            while !sent.is_empty() {
                client.read_tls(&mut sent).expect("read");
                client.process_new_packets().ok()?;
            }
        }
        client.alpn_protocol().map(<[u8]>::to_vec)
    }

    #[test]
    fn a_client_trusts_the_certificate_that_was_made_for_its_server_and_no_other() {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        let [one, other] = folders
            .each_ref()
            .map(|it| Certificate::make(it.path()).expect("openssl"));
        assert_eq!(agreed(&one, &one), Some(b"http/1.1".to_vec()));
        assert_eq!(agreed(&one, &other), None);
    }
}
