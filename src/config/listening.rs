//! Where the server listens, and whether it encrypts.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;

/// Where the server listens, and whether it encrypts.
#[derive(Args, Clone, Debug)]
pub struct Listening {
    /// Listen on this address and port; port 0 picks a free one
    #[arg(
        long,
        env = "DOTCAST_LISTEN",
        default_value = "127.0.0.1:8000",
        value_name = "ADDRESS:PORT",
        value_parser = address
    )]
    pub listen: SocketAddr,

    /// Encrypt connections with this certificate, a PEM file with the full chain; enables HTTP/2 in browsers
    #[arg(long, env = "DOTCAST_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// Use this private key for the certificate, a PEM file
    #[arg(long, env = "DOTCAST_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
}

impl Listening {
    /// Checks what the options say together. clap's own `requires` does not see values of the configuration file.
    ///
    /// # Errors
    /// A message that names the missing option.
    pub fn check(&self) -> Result<(), String> {
        let (given, missing, variable) = match (&self.tls_cert, &self.tls_key) {
            (Some(_), None) => ("--tls-cert", "--tls-key", "DOTCAST_TLS_KEY"),
            (None, Some(_)) => ("--tls-key", "--tls-cert", "DOTCAST_TLS_CERT"),
            _ => return Ok(()),
        };
        Err(format!(
            "{given} needs {missing} as well (the flag, or {variable} in the environment)"
        ))
    }
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(
        |_| "expected an IP address and a port, such as 127.0.0.1:8000, 0.0.0.0:8000 or [::1]:8000",
    )
}
