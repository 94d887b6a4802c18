//! The commands of the program, from the outside.

mod accounts;
mod log_break;
mod migrate;
mod no_database;
mod openapi;
mod options;
mod output;
mod panics;
mod restore_lock;
mod tail;
mod tail_access;
mod tail_resumes;
mod trim;
mod usage;
mod user;
