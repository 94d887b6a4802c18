//! Long trials of a server: by an attacker, and over time.
//!
//! - [`attack`]: one attacker does one thing for as long as it can, beside an honest client
//! - [`soak`]: streams that come and go, writes, and random kills, for half an hour
//! - [`server`]: the program, and its memory

#![allow(clippy::print_stdout, reason = "the result is what it is run for")]

mod attack;
mod error;
mod server;
mod soak;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Run long trials of a server
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    trial: Trial,
}

#[derive(Debug, Subcommand)]
enum Trial {
    /// Attack a server in every known way, one after the other, and write a table of what an honest client notices
    Attack(attack::Options),
    /// Run two servers under load, kill one of them again and again, and check that nothing is lost
    Soak(soak::Options),
}

fn main() -> ExitCode {
    // Fails only if there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("dotcast-trial: {error}");
            return ExitCode::FAILURE;
        }
    };
    let kept = match Cli::parse().trial {
        Trial::Attack(options) => runtime.block_on(attack::run(&options)),
        Trial::Soak(options) => runtime.block_on(soak::run(&options)),
    };
    match kept {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("dotcast-trial: a promise was not kept; see above");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("dotcast-trial: {error}");
            ExitCode::FAILURE
        }
    }
}
