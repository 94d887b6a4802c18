//! Who else is trusted to vouch for servers.

use reqwest::Certificate;

/// Certificates that are trusted to vouch for servers: those of authorities, or a server's own. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Authorities(pub(crate) Vec<Certificate>);

/// There are no certificates in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected certificates as PEM")]
pub struct InvalidAuthorities;

impl Authorities {
    /// The certificates themselves, for another client of HTTP.
    pub fn certificates(&self) -> &[Certificate] {
        &self.0
    }

    /// Takes all certificates of a PEM file; other parts of it are ignored.
    ///
    /// # Errors
    /// If it has none, or one that is malformed.
    pub fn from_pem(pem: &[u8]) -> Result<Self, InvalidAuthorities> {
        match Certificate::from_pem_bundle(pem) {
            Ok(all) if !all.is_empty() => Ok(Self(all)),
            _ => Err(InvalidAuthorities),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_refused() {
        for pem in [
            &b""[..],
            b"nonsense",
            b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
            b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ] {
            assert_eq!(
                Authorities::from_pem(pem).expect_err("no certificate"),
                InvalidAuthorities
            );
        }
    }
}
