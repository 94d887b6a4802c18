//! Who is let in, and whose word counts.

use clap::{Args, ValueEnum};

use super::{limits::MaxAge, origin::Origin};
use crate::{
    remote::{Proxies, proxies::TrustedProxy},
    users::registrations::Registration,
};

/// Who is let in, and whose word counts.
#[derive(Args, Clone, Debug)]
pub struct Access {
    /// Believe the Forwarded and X-Forwarded-* headers of connections from this network, an address, or
    /// `none`; repeatable, or separated by commas
    #[arg(
        long,
        env = "DOTCAST_TRUSTED_PROXY",
        value_delimiter = ',',
        default_value = "127.0.0.0/8,::1",
        value_name = "NETWORK"
    )]
    pub trusted_proxy: Vec<TrustedProxy>,

    /// Let anybody register, or nobody: `dotcast user add` works in either case
    #[arg(
        long,
        env = "DOTCAST_REGISTRATION",
        value_enum,
        default_value_t = Registration::Open,
        value_name = "WHO"
    )]
    pub registration: Registration,

    /// Let pages of this origin use the API with bearer tokens, or `*` for any; repeatable, or separated by commas
    #[arg(
        long,
        env = "DOTCAST_CORS_ORIGIN",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    pub cors_origin: Vec<Origin>,

    /// Tell browsers to use only encrypted connections to this host for this long (1s to 10years), or `off`
    #[arg(
        long,
        env = "DOTCAST_HSTS",
        default_value = "off",
        value_name = "DURATION"
    )]
    pub hsts: MaxAge,

    /// Let everybody follow the event log, or users only: then a stream needs a session, and ends with it
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
    /// The proxies that are trusted.
    pub fn proxies(&self) -> Proxies {
        Proxies::new(self.trusted_proxy.iter().filter_map(|it| it.0))
    }
}
