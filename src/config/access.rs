//! Who may use the server, and which proxies are trusted.

use clap::{Args, ValueEnum};

use super::{limits::MaxAge, origin::Origin};
use crate::{
    remote::{Proxies, proxies::TrustedProxy},
    users::registrations::Registration,
};

/// Who may use the server, and which proxies are trusted.
#[derive(Args, Clone, Debug)]
pub struct Access {
    /// Trust the Forwarded and X-Forwarded-* headers of connections from this network or address, or `none`;
    /// repeat it, or separate several by commas
    #[arg(
        long,
        env = "DOTCAST_TRUSTED_PROXY",
        value_delimiter = ',',
        default_value = "127.0.0.0/8,::1",
        value_name = "NETWORK"
    )]
    pub trusted_proxy: Vec<TrustedProxy>,

    /// Let anybody register, or nobody; `dotcast user add` works in either case
    #[arg(
        long,
        env = "DOTCAST_REGISTRATION",
        value_enum,
        default_value_t = Registration::Open,
        value_name = "WHO"
    )]
    pub registration: Registration,

    /// Let pages of this origin, or `*` for any, use the API with bearer tokens; repeat it, or separate several by
    /// commas
    #[arg(
        long,
        env = "DOTCAST_CORS_ORIGIN",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    pub cors_origin: Vec<Origin>,

    /// Tell browsers to insist on encrypted connections to this host for this long (1s to 10years), or `off`
    #[arg(
        long,
        env = "DOTCAST_HSTS",
        default_value = "off",
        value_name = "DURATION"
    )]
    pub hsts: MaxAge,

    /// Let everybody follow the event log, or only users, whose streams need a session and end with it
    #[arg(
        long,
        env = "DOTCAST_STREAM_ACCESS",
        default_value = "public",
        value_name = "WHO"
    )]
    pub stream_access: StreamAccess,
}

/// Who may follow the event log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StreamAccess {
    /// Everybody
    Public,
    /// Those with a session
    Users,
}

impl Access {
    /// The trusted proxies.
    pub fn proxies(&self) -> Proxies {
        Proxies::new(self.trusted_proxy.iter().filter_map(|it| it.0))
    }
}
