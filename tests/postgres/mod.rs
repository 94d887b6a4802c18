//! What only PostgreSQL can do: several writers at once, several servers, and going away. These tests
//! are about PostgreSQL whatever the others run on.

mod interleavings;
mod outage;
mod queries;
mod race;
