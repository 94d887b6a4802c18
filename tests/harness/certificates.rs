//! Certificates made by openssl.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use super::postgres::{hand_over, readable_directory};

const KEY: [&str; 5] = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
];

/// An authority, another one, and a server at 127.0.0.1 that the first has signed.
pub struct Certificates {
    directory: TempDir,
}

impl Certificates {
    pub fn new() -> Self {
        let it = Self {
            directory: readable_directory(),
        };
        for name in ["authority", "other"] {
            it.openssl(
                &format!("req -x509 -days 2 -subj /CN={name} -keyout {name}.key -out {name}.crt"),
                &KEY,
            );
        }
        it.openssl(
            "req -subj /CN=server -keyout server.key -out server.csr",
            &KEY,
        );
        std::fs::write(it.path("names"), "subjectAltName = IP:127.0.0.1\n").expect("write");
        it.openssl(
            "x509 -req -days 2 -in server.csr -CA authority.crt -CAkey authority.key -CAcreateserial \
             -extfile names -out server.crt",
            &[],
        );
        hand_over(&it.path("server.key"));
        it
    }

    fn openssl(&self, arguments: &str, more: &[&str]) {
        let status = Command::new("openssl")
            .args(arguments.split(' '))
            .args(more)
            .current_dir(self.directory.path())
            .stderr(Stdio::null())
            .status()
            .expect("openssl is installed");
        assert!(status.success(), "openssl {arguments}");
    }

    /// The authority, for clients that trust nobody else.
    pub fn authority(&self) -> reqwest::Certificate {
        let authority = std::fs::read(self.path("authority.crt")).expect("a certificate");
        reqwest::Certificate::from_pem(&authority).expect("a certificate")
    }

    /// One of `authority.crt`, `other.crt`, `server.crt` and their keys.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}
