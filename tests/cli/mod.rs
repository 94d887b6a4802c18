//! The commands of the program, from the outside.

mod accounts;
mod config;
mod hangup;
mod healthcheck;
mod log_break;
mod manual;
mod migrate;
mod no_database;
mod openapi;
mod options;
mod output;
mod panics;
mod restore_lock;
mod tail;
mod tail_access;
mod tail_encrypted;
mod tail_resumes;
mod trim;
mod usage;
mod user;
