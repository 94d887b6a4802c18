//! argon2id, off the async threads and a few at a time.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Callers that may wait for their turn before others are sent away.
const QUEUE: usize = 64;

/// Hashes and verifies passwords. Each hash takes 19 MiB and tens of milliseconds of one core by
/// design (argon2's defaults, which are OWASP's), so only as many run at once as there are cores.
#[derive(Clone)]
pub(super) struct Hasher {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            running: Arc::new(Semaphore::new(cores)),
            admitted: Arc::new(Semaphore::new(cores + QUEUE)),
        }
    }
}

impl Hasher {
    /// The password as a PHC string with a salt of its own.
    pub(super) async fn hash(&self, password: String) -> Result<String> {
        self.run(move || {
            Argon2::default()
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|error| Error::Internal(format!("argon2: {error}")))
        })
        .await
    }

    /// Whether `password` belongs to `hash`. Without a hash the answer is no, after the same work,
    /// so that the time tells nobody which names are registered.
    pub(super) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        let Some(hash) = hash else {
            self.hash(password).await?;
            return Ok(false);
        };
        self.run(move || {
            let hash = PasswordHash::new(&hash)
                .map_err(|error| Error::Internal(format!("stored password hash: {error}")))?;
            Ok(Argon2::default()
                .verify_password(password.as_bytes(), &hash)
                .is_ok())
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _admitted = self
            .admitted
            .try_acquire()
            .map_err(|_| Error::Overloaded("too many passwords are being checked"))?;
        let running = Arc::clone(&self.running).acquire_owned().await;
        tokio::task::spawn_blocking(move || {
            // Held by the work itself: it goes on when the caller has gone.
            let _running = running;
            work()
        })
        .await
        .map_err(|error| Error::Internal(format!("password worker: {error}")))?
    }
}
