//! The integration tests: the built server on a port and a database of its own for each test.

mod harness;

mod rest;
mod stream;
