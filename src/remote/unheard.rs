//! Proxies that the server has not been told to trust.
//!
//! All clients behind such a proxy count as one, and together they soon reach a limit that is meant for one. The log
//! tells the operator, with the option that fixes it.

use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{LazyLock, Mutex, PoisonError},
};

use poem::{
    Request,
    http::{HeaderName, header},
};

use super::{Client, Remote};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Upper bound on the addresses named, each once: anybody can write these headers.
const MOST: usize = 100;

/// The addresses that were named.
static NAMED: LazyLock<Mutex<HashSet<IpAddr>>> = LazyLock::new(Mutex::default);

/// An address that is not trusted and names other clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proxy(IpAddr);

impl Proxy {
    /// The sender of a request, if it looks like such a proxy.
    pub fn of(request: &Request) -> Option<Self> {
        let headers = request.headers();
        if ![header::FORWARDED, X_FORWARDED_FOR]
            .iter()
            .any(|it| headers.contains_key(it))
        {
            return None;
        }
        let address = request.remote_addr().as_socket_addr()?.ip();
        // A trusted proxy is not counted itself.
        let counts = Remote::of(request).client == Some(Client::at(address));
        counts.then_some(Self(address))
    }

    /// Names it in the log, once.
    pub fn has_hit_a_limit(self) {
        let Self(address) = self;
        {
            let mut named = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
            if named.len() >= MOST || !named.insert(address) {
                return;
            }
        }
        tracing::warn!(
            %address,
            "a limit on one client was reached by an address that speaks for others; if it is your proxy, \
             start with --trusted-proxy {address}"
        );
    }
}
