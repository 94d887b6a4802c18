//! Who is let in, and whose word counts.

use clap::Args;

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
}

impl Access {
    /// The proxies that are trusted.
    pub fn proxies(&self) -> Proxies {
        Proxies::new(self.trusted_proxy.iter().filter_map(|it| it.0))
    }
}
