//! What holds on PostgreSQL only.

mod errors;
mod notifications;
mod refusals;
mod sessions;
mod settings;
mod tls;
