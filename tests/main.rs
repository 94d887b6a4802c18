//! The integration tests: the built server on a port and a database of its own for each test.

#![allow(
    clippy::unwrap_used,
    reason = "allowed in tests, and so in what tests are made of"
)]

mod harness;

mod accounts;
mod browser;
mod cli;
mod clients;
mod consumers;
mod deploy;
mod docs;
mod erasure;
mod examples;
mod hooks;
mod http;
mod imports;
mod metrics;
mod migration;
mod outside;
mod postgres;
mod rest;
mod solved;
mod stream;
#[cfg(feature = "otlp")]
mod traces;
