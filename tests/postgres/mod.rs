//! What only PostgreSQL can do: several writers at once, several servers, and going away. These tests
//! are about PostgreSQL whatever the others run on.

mod errors;
mod gone_streams;
mod interleavings;
mod notifications;
mod outage;
mod queries;
mod race;
mod refusals;
mod restored;
mod sessions;
mod settings;
mod tls;
