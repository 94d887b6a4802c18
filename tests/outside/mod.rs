//! What other programs, the system and the clock do to a SQLite database under a server: each change is shown once
//! and in order, or somebody is told.

mod backup;
mod cases;
mod clocks;
mod full_disk;
mod identity;
mod permissions;
mod readiness;
mod refused;
mod restored;
mod witness;
