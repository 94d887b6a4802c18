//! Who may register.

use std::sync::Arc;

use clap::ValueEnum;

use crate::{
    error::{Error, Result},
    rates::{Rate, Rates, limit::Limit},
    remote::Client,
};

/// Whether people may register by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Registration {
    /// Anybody may register
    Open,
    /// Only `dotcast user add` registers users
    Closed,
}

/// Decides whether people may register. Clones share their counts.
#[derive(Clone, Debug)]
pub struct Registrations {
    registration: Registration,
    rates: Option<Arc<Rates>>,
}

impl Registrations {
    /// Lets people register at this rate.
    pub fn new(registration: Registration, rate: Option<Rate>) -> Self {
        Self {
            registration,
            rates: rate.map(|rate| Arc::new(Rates::new(rate))),
        }
    }

    /// Whether people can register at all.
    pub fn is_open(&self) -> bool {
        self.registration == Registration::Open
    }

    /// Counts one attempt to register.
    ///
    /// # Errors
    /// [`Error::RegistrationClosed`], [`Error::RateLimited`]
    pub fn admit(&self, client: Option<Client>) -> Result<()> {
        if !self.is_open() {
            return Err(Error::RegistrationClosed);
        }
        let (Some(rates), Some(client)) = (&self.rates, client) else {
            return Ok(());
        };
        let admitted = rates.check(client);
        admitted
            .map(drop)
            .map_err(|retry_after| Error::RateLimited {
                why: "Too many users were registered by this client.",
                retry_after,
                limit: Limit::RegistrationRate,
            })
    }
}
