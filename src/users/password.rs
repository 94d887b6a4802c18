//! argon2id, off the async threads and a few at a time.

use std::num::NonZero;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tracing::Instrument as _;

use super::turns::{Turn, Turns};
use crate::{
    error::{Error, Result},
    remote::Client,
};

/// Upper bound on concurrent hashes, each of which takes 19 MiB.
const MOST: usize = 4;

/// Hashes and verifies passwords. Each hash takes 19 MiB and tens of milliseconds of one core by design (argon2's
/// defaults, which are OWASP's). So half of the cores do it at most, and never more than four; the rest is for other
/// requests.
#[derive(Clone, Debug)]
pub(super) struct Hasher {
    turns: Turns,
}

impl Default for Hasher {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            turns: Turns::new((cores / 2).clamp(1, MOST)),
        }
    }
}

impl Hasher {
    /// Waits for a turn of `client` to hash.
    ///
    /// # Errors
    /// [`Error::RateLimited`], [`Error::Overloaded`]
    pub(super) async fn turn(&self, client: Option<Client>) -> Result<Turn> {
        self.turns.take(client).await
    }
}

/// The password as a PHC string with a salt of its own.
pub(super) async fn hash(password: String, turn: Turn) -> Result<String> {
    run(turn, move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| Error::Internal(format!("argon2: {error}")))
    })
    .await
}

/// Whether `password` matches `hash`. Without a hash the answer is no, after the same work, so that the time does not
/// reveal which names are registered.
pub(super) async fn verify(password: String, stored: Option<String>, turn: Turn) -> Result<bool> {
    let Some(stored) = stored else {
        hash(password, turn).await?;
        return Ok(false);
    };
    run(turn, move || {
        let stored = PasswordHash::new(&stored)
            .map_err(|error| Error::Internal(format!("stored password hash: {error}")))?;
        Ok(Argon2::default()
            .verify_password(password.as_bytes(), &stored)
            .is_ok())
    })
    .await
}

async fn run<T: Send + 'static>(
    turn: Turn,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let hashing = tracing::trace_span!("hash a password");
    tokio::task::spawn_blocking(move || {
        // Held by the work itself, which goes on if the caller is gone.
        let _turn = turn;
        work()
    })
    .instrument(hashing)
    .await
    .map_err(|error| Error::Internal(format!("password worker: {error}")))?
}
