//! Who may try a password now.
//!
//! A wrong password delays further tries from the same client and, after more of them, further tries at the same name
//! from any client. So nobody guesses fast, neither at one name nor across many. A device that has proved that it
//! belongs to the user is counted separately, so that guessers do not keep the user out (OWASP, Authentication Cheat
//! Sheet, "Device Cookies").
//!
//! A try counts as a failure from before its password is checked until it turns out to be right. So many concurrent
//! tries gain nothing over sequential ones, and a client that does not wait for the answer is counted all the same. A
//! refusal does not depend on whether the password would have been right.
//!
//! All of this is in memory, bounded, and gone after a restart.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    error::{Error, Result},
    rates::{
        failures::{Failures, Rule},
        limit::Limit,
        make_room,
        notice::Notice,
    },
    remote::Client,
};

/// Failures of one client, or of one device of one user.
const CLIENT: Rule = Rule {
    patience: 5,
    first: Duration::from_secs(1),
    longest: Duration::from_mins(15),
    forgiven: Duration::from_mins(5),
};
/// Failures on one name. One client alone does not get so far. The longest delay is short, because it also holds for
/// the user on an unknown device.
const NAME: Rule = Rule {
    patience: 20,
    first: Duration::from_secs(2),
    longest: Duration::from_mins(1),
    forgiven: Duration::from_mins(1),
};
/// Upper bound on the clients, names and devices remembered, each.
const CAPACITY: usize = 1 << 14;
/// How long a client stays known for a user after a log-in.
const KNOWN_FOR: Duration = Duration::from_hours(30 * 24);

/// A name in lower case, as a number: unregistered names may be long.
type Name = u64;

/// A device of the user, so that others' failures do not count for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Device {
    /// A client from which the user has logged in.
    Client(Name, Client),
    /// A browser or program that sends the token of one of the user's sessions, even of one that has ended.
    Session(i64),
}

/// A try to log in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Try<'a> {
    /// The user's name.
    pub(super) username: &'a str,
    /// The client, if known.
    pub(super) client: Option<Client>,
    /// The user's session whose token comes with it.
    pub(super) session: Option<i64>,
}

/// Remembers failures. Clones remember the same ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Guesses(Arc<Memory>);

#[derive(Debug)]
struct Memory {
    hasher: RandomState,
    state: Mutex<State>,
    refused: Notice,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            hasher: RandomState::default(),
            state: Mutex::new(State {
                clients: Failures::new(CLIENT, CAPACITY),
                names: Failures::new(NAME, CAPACITY),
                devices: Failures::new(CLIENT, CAPACITY),
                known: HashMap::new(),
            }),
            refused: Notice::new(),
        }
    }
}

#[derive(Debug)]
struct State {
    clients: Failures<Client>,
    names: Failures<Name>,
    devices: Failures<Device>,
    /// Clients from which a user has logged in, and the last time.
    known: HashMap<(Name, Client), Instant>,
}

/// A try that has begun. It has failed unless [`succeeded`](Self::succeeded) is called.
#[derive(Debug)]
#[must_use = "without a word it has failed"]
pub(super) struct Begun {
    memory: Arc<Memory>,
    name: Name,
    client: Option<Client>,
    device: Option<Device>,
}

impl Guesses {
    /// Whether the password may be tried now.
    ///
    /// # Errors
    /// [`Error::RateLimited`]
    pub(super) fn check(&self, attempt: Try<'_>) -> Result<()> {
        self.check_at(attempt, Instant::now())
    }

    /// Counts a failure for now.
    ///
    /// # Errors
    /// [`Error::RateLimited`]
    pub(super) fn begin(&self, attempt: Try<'_>) -> Result<Begun> {
        self.begin_at(attempt, Instant::now())
    }

    fn check_at(&self, attempt: Try<'_>, now: Instant) -> Result<()> {
        let begun = self.of(attempt, now);
        let wait = self.0.state().wait(&begun, now);
        if wait.is_zero() {
            return Ok(());
        }
        if let Some(times) = self.0.refused.due() {
            let client = attempt.client.map(|it| it.to_string());
            tracing::warn!(
                times,
                client,
                "log-ins are refused after too many wrong passwords"
            );
        }
        Err(Error::RateLimited {
            why: "There were too many wrong passwords.",
            retry_after: wait,
            limit: Limit::Passwords,
        })
    }

    fn begin_at(&self, attempt: Try<'_>, now: Instant) -> Result<Begun> {
        self.check_at(attempt, now)?;
        let begun = self.of(attempt, now);
        self.0.state().charge(&begun, now);
        Ok(begun)
    }

    fn of(&self, attempt: Try<'_>, now: Instant) -> Begun {
        let name = self.0.hasher.hash_one(attempt.username.to_lowercase());
        let is_known = |client| {
            let known = self.0.state().known.get(&(name, client)).copied();
            known.is_some_and(|at| now < at + KNOWN_FOR)
        };
        let known = attempt.client.filter(|&client| is_known(client));
        let session = attempt.session.map(Device::Session);
        Begun {
            memory: Arc::clone(&self.0),
            name,
            client: attempt.client,
            device: session.or(known.map(|client| Device::Client(name, client))),
        }
    }
}

impl Memory {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing awaits inside.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wait(&self, begun: &Begun, now: Instant) -> Duration {
        if let Some(device) = &begun.device {
            return self.devices.wait(device, now);
        }
        let of_client = begun.client.map(|it| self.clients.wait(&it, now));
        let of_name = self.names.wait(&begun.name, now);
        of_client.unwrap_or_default().max(of_name)
    }

    fn charge(&mut self, begun: &Begun, now: Instant) {
        if let Some(device) = begun.device {
            return self.devices.charge(device, now);
        }
        if let Some(client) = begun.client {
            self.clients.charge(client, now);
        }
        self.names.charge(begun.name, now);
    }
}

impl Begun {
    /// The password was right.
    pub(super) fn succeeded(self) {
        self.succeeded_at(Instant::now());
    }

    fn succeeded_at(self, now: Instant) {
        let mut state = self.memory.state();
        if let Some(device) = &self.device {
            state.devices.forgive(device);
        } else {
            // Earlier failures stay: guessers with an account of their own must not be able to clear what they
            // guessed at others' names.
            if let Some(client) = &self.client {
                state.clients.refund(client, now);
            }
            state.names.refund(&self.name, now);
        }
        if let Some(client) = self.client {
            let known = (self.name, client);
            if !state.known.contains_key(&known) {
                make_room(&mut state.known, CAPACITY, |&at| at);
            }
            state.known.insert(known, now);
        }
    }
}

#[cfg(test)]
mod tests;
