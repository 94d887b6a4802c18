//! `dotcast healthcheck`: whether a server can serve requests.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use clap::Args;
use dotcast_client::{Authorities, without_password};
use reqwest::{StatusCode, Url, redirect};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    client,
    config::{HOUR, between, listening::Listening},
};

/// Pause before the next attempt, with `--wait`.
const PAUSE: Duration = Duration::from_millis(200);

/// The options of `dotcast healthcheck`.
#[derive(Args, Clone, Debug)]
pub struct HealthcheckOptions {
    /// Ask this server; if unset, the one that `--listen` and `--tls-cert` describe
    #[arg(long, env = "DOTCAST_URL", hide_env_values = true, value_name = "URL", value_parser = client::server)]
    pub url: Option<Url>,

    /// Trust the certificates in this file, PEM, besides those that the system trusts; for the server of `--url`
    #[arg(long, env = "DOTCAST_CACERT", value_name = "FILE", value_parser = client::authorities)]
    pub cacert: Option<Authorities>,

    /// Give up on an answer after this long (10ms to 1h)
    #[arg(long, env = "DOTCAST_TIMEOUT", default_value = "5s", value_name = "DURATION", value_parser = answer_timeout)]
    pub timeout: Duration,

    /// Ask again for this long, until the server is ready (0s to 1day)
    #[arg(long, env = "DOTCAST_WAIT", default_value = "0s", value_name = "DURATION", value_parser = wait)]
    pub wait: Duration,

    #[command(flatten)]
    /// Where the server listens.
    pub listening: Listening,
}

fn answer_timeout(text: &str) -> Result<Duration, String> {
    between(text, Duration::from_millis(10), HOUR)
}

fn wait(text: &str) -> Result<Duration, String> {
    between(text, Duration::ZERO, HOUR * 24)
}

impl HealthcheckOptions {
    /// Checks what the options say together.
    ///
    /// # Errors
    /// A message that names the option.
    pub fn check(&self) -> Result<(), String> {
        if self.url.is_none() && self.listening.listen.port() == 0 {
            return Err("--listen has port 0, so name the server with --url".to_owned());
        }
        self.listening.check()
    }

    /// The server to ask, without a path of its own.
    fn server(&self) -> String {
        if let Some(url) = &self.url {
            return url.as_str().trim_end_matches('/').to_owned();
        }
        let is_encrypted = self.listening.tls_cert.is_some();
        let scheme = if is_encrypted { "https" } else { "http" };
        format!("{scheme}://{}", reachable(self.listening.listen))
    }
}

/// An address at which a server is reached that listens on this one.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// Why a server is not ready.
#[derive(Debug, thiserror::Error)]
pub enum Unready {
    /// It is, or says that it is, unable to serve requests.
    #[error("{server} is not ready: {reason}")]
    Unready {
        /// Without a password.
        server: String,
        /// What it says, or what went wrong.
        reason: String,
    },
    /// Nothing can be asked.
    #[error("cannot make an HTTP client: {0}")]
    Client(#[source] reqwest::Error),
}

/// Asks a server whether it is ready. Returns its address, without a password.
///
/// # Errors
/// See [`Unready`]. With `--wait` the reason is that of the last attempt.
pub async fn run(options: HealthcheckOptions) -> Result<String, Unready> {
    // Fails only if there is a provider already, which will do as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let trusted = options.cacert.as_ref().map(Authorities::certificates);
    let http = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_merge(trusted.unwrap_or_default().iter().cloned())
        .redirect(redirect::Policy::none())
        // The server on this machine has a certificate for its public name.
        .tls_danger_accept_invalid_certs(options.url.is_none())
        .build()
        .map_err(Unready::Client)?;
    let server = options.server();
    let shown = options.url.as_ref().map(without_password);
    let shown = shown.map_or_else(|| server.clone(), |it| it.trim_end_matches('/').to_owned());
    let url = format!("{server}/readyz");
    let deadline = Instant::now() + options.wait;
    loop {
        let asked = timeout(options.timeout, ask(&http, &url)).await;
        let reason = match asked {
            Ok(Ok(())) => return Ok(shown),
            Ok(Err(reason)) => reason,
            Err(_) => format!(
                "no answer within {}",
                humantime::format_duration(options.timeout)
            ),
        };
        if Instant::now() + PAUSE >= deadline {
            return Err(Unready::Unready {
                server: shown,
                reason,
            });
        }
        sleep(PAUSE).await;
    }
}

async fn ask(http: &reqwest::Client, url: &str) -> Result<(), String> {
    let answer = http.get(url).send().await.map_err(innermost)?;
    let status = answer.status();
    if status == StatusCode::OK {
        return Ok(());
    }
    let body = answer.bytes().await.unwrap_or_default();
    let problem: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    Err(match problem["detail"].as_str() {
        Some(detail) => detail.to_owned(),
        None => format!("it answers {status}"),
    })
}

/// What happened; the outer errors only say during what.
fn innermost(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_for_all_is_reached_on_this_machine() {
        for (listen, reached) in [
            ("0.0.0.0:8000", "127.0.0.1:8000"),
            ("[::]:8000", "[::1]:8000"),
            ("127.0.0.1:8001", "127.0.0.1:8001"),
            ("10.0.0.7:80", "10.0.0.7:80"),
        ] {
            let listen = listen.parse().expect("an address");
            assert_eq!(reachable(listen).to_string(), reached);
        }
    }
}
