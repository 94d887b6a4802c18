//! Who may try a password now.
//!
//! Wrong passwords delay what follows from the same client, and, more of them, what follows on the same
//! name from whatever client. So nobody guesses fast, neither at one name nor through many. A device that
//! has shown that it belongs to the user counts for itself alone, so that others who guess do not keep the
//! user out (OWASP, Authentication Cheat Sheet, "Device Cookies").
//!
//! A try counts as a failure from before its password is looked at until it turns out to be right: many
//! that are made at once are no more than one after the other, and one whose client does not wait for the
//! answer has counted. What is refused is refused whether or not the password would have been right.
//!
//! All of it is in memory, of a bounded size, and gone after a restart.

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
/// Failures on one name. One client alone does not get so far. The longest delay is short, because it holds
/// for the user, too, on a device that is not known.
const NAME: Rule = Rule {
    patience: 20,
    first: Duration::from_secs(2),
    longest: Duration::from_mins(1),
    forgiven: Duration::from_mins(1),
};
/// Clients, names, devices that are remembered, each.
const CAPACITY: usize = 1 << 14;
/// How long a client is known for a user after a log-in.
const KNOWN_FOR: Duration = Duration::from_hours(30 * 24);

/// A name without regard to case, as a number: names that nobody has can be long.
type Name = u64;

/// What belongs to a user, so that others' failures do not count for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Device {
    /// A client from which the user has logged in.
    Client(Name, Client),
    /// A browser or program that shows the token of a session of the user's, also of one that has ended.
    Session(i64),
}

/// Somebody who tries a password.
#[derive(Clone, Copy, Debug)]
pub(super) struct Try<'a> {
    /// For this user.
    pub(super) username: &'a str,
    /// From there, if that is known.
    pub(super) client: Option<Client>,
    /// The session of that user whose token comes with it.
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
            refused: Notice::default(),
        }
    }
}

#[derive(Debug)]
struct State {
    clients: Failures<Client>,
    names: Failures<Name>,
    devices: Failures<Device>,
    /// Clients from which a user has logged in, and when last.
    known: HashMap<(Name, Client), Instant>,
}

/// A try that has begun. It has failed unless it is said that it has [succeeded](Self::succeeded).
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

    /// Counts a failure until it is known better.
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
        match &self.device {
            Some(device) => state.devices.forgive(device),
            None => {
                // The failures before it stay: who has an account of their own must not be able to forgive
                // themselves what they guess at others'.
                if let Some(client) = &self.client {
                    state.clients.refund(client, now);
                }
                state.names.refund(&self.name, now);
            }
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
mod tests {
    use super::*;

    fn client(number: u8) -> Option<Client> {
        Some(Client::at([203, 0, 113, number].into()))
    }

    fn of(username: &str, client: Option<Client>) -> Try<'_> {
        Try {
            username,
            client,
            session: None,
        }
    }

    /// Tries a wrong password; whether it was looked at.
    fn fail(guesses: &Guesses, attempt: Try<'_>, now: Instant) -> bool {
        guesses.begin_at(attempt, now).is_ok()
    }

    /// Tries the right password; whether it was looked at.
    fn succeed(guesses: &Guesses, attempt: Try<'_>, now: Instant) -> bool {
        let begun = guesses.begin_at(attempt, now);
        begun.map(|it| it.succeeded_at(now)).is_ok()
    }

    /// How long until a try is looked at again.
    fn wait(guesses: &Guesses, attempt: Try<'_>, now: Instant) -> Duration {
        match guesses.check_at(attempt, now) {
            Ok(()) => Duration::ZERO,
            Err(Error::RateLimited { retry_after, .. }) => retry_after,
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_client_that_guesses_is_delayed_whatever_the_names_and_no_other_is() {
        let guesses = Guesses::default();
        let mut now = Instant::now();
        for name in ["ada", "grace", "nobody", "ada", "edsger"] {
            assert!(fail(&guesses, of(name, client(1)), now));
        }
        for _ in 0..100 {
            assert!(!succeed(&guesses, of("ada", client(1)), now));
        }
        assert_eq!(wait(&guesses, of("barbara", client(1)), now), CLIENT.first);
        assert!(succeed(&guesses, of("ada", client(2)), now));
        let mut delays = Vec::new();
        for _ in 0..15 {
            let delay = wait(&guesses, of("ada", client(1)), now);
            delays.push(delay.as_secs());
            now += delay;
            assert!(fail(&guesses, of("ada", client(1)), now));
        }
        assert_eq!(
            delays,
            [
                1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900
            ]
        );
        now += Duration::from_hours(24);
        assert!(succeed(&guesses, of("ada", client(1)), now));
    }

    #[test]
    fn a_log_in_of_ones_own_forgives_no_guesses_at_others() {
        let guesses = Guesses::default();
        let now = Instant::now();
        for _ in 0..5 {
            assert!(succeed(&guesses, of("mallory", client(1)), now));
            assert!(fail(&guesses, of("ada", client(1)), now));
        }
        assert!(!wait(&guesses, of("ada", client(1)), now).is_zero());
    }

    #[test]
    fn many_clients_that_guess_at_one_name_are_delayed_together_and_its_user_is_not() {
        let guesses = Guesses::default();
        let mut now = Instant::now();
        assert!(succeed(&guesses, of("Ada", client(200)), now));
        for number in 0..20 {
            assert!(fail(&guesses, of("ADA", client(number)), now));
        }
        assert_eq!(wait(&guesses, of("ada", client(100)), now), NAME.first);
        // The user: from where they have logged in before, and with a session of theirs from anywhere.
        assert!(succeed(&guesses, of("ada", client(200)), now));
        let session = Some(7);
        let known = Try {
            session,
            ..of("ada", client(100))
        };
        assert!(succeed(&guesses, known, now));
        // Another name is another matter.
        assert!(succeed(&guesses, of("grace", client(101)), now));
        for number in 0..100 {
            now += wait(&guesses, of("ada", client(150)), now);
            assert!(fail(&guesses, of("ada", client(number % 100)), now) || number < 20);
            assert!(wait(&guesses, of("ada", client(150)), now) <= NAME.longest);
        }
        now += Duration::from_hours(2);
        assert!(succeed(&guesses, of("ada", client(150)), now));
    }

    #[test]
    fn a_known_device_guesses_no_faster_than_any_other() {
        let guesses = Guesses::default();
        let now = Instant::now();
        let session = Some(7);
        for attempt in [
            of("ada", client(1)),
            Try {
                session,
                ..of("ada", None)
            },
        ] {
            assert!(succeed(&guesses, attempt, now));
            for _ in 0..5 {
                assert!(fail(&guesses, attempt, now));
            }
            assert_eq!(wait(&guesses, attempt, now), CLIENT.first);
        }
    }

    #[test]
    fn tries_at_once_are_no_more_than_one_after_the_other() {
        let guesses = Guesses::default();
        let now = Instant::now();
        let begun: Vec<_> = (0..100)
            .filter_map(|_| guesses.begin_at(of("ada", client(1)), now).ok())
            .collect();
        assert_eq!(begun.len(), 5);
        // When they were right after all, nothing is left of it.
        for begun in begun {
            begun.succeeded_at(now);
        }
        assert!(wait(&guesses, of("grace", client(1)), now).is_zero());
    }

    #[test]
    fn without_a_client_the_name_alone_counts() {
        let guesses = Guesses::default();
        let now = Instant::now();
        let tried = (0..100).filter(|_| fail(&guesses, of("ada", None), now));
        assert_eq!(tried.count(), 20);
        assert!(succeed(&guesses, of("grace", None), now));
    }
}
