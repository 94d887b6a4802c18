//! What only PostgreSQL can do: several writers at once, several servers, and going away. These tests are about
//! PostgreSQL, whatever the others run on.

mod changed_log;
mod cut_off;
mod errors;
mod failover;
mod flights;
mod gone_streams;
mod interleavings;
mod mends;
mod notifications;
mod outage;
mod own_connections;
mod queries;
mod race;
mod refusals;
mod restored;
pub mod sessions;
mod settings;
mod silence;
mod silence_rounds;
mod start;
mod tls;
mod writers_lock;
