//! The load generator: many streams on one server, each checked for every event once and in order.
//!
//! - [`wire`], [`marker`]: how to recognise an event, whatever server carried it; [`transport`]: TCP or TLS
//! - [`streams`]: clients by the ten thousand on one thread
//! - [`server`], [`limit`], [`postgres`]: what is measured; [`process`], [`machine`]: what it costs
//! - [`publish`], [`writer`], [`timeline`]: where events come from, and what happens to each
//! - [`scenario`]: what is done to a server, and which figures result
//! - [`results`]: the figures, as JSON files; [`report`]: tables and charts of them
//! - [`measured`]: figures that others are computed from; [`simulate`]: what happens to many servers when one is lost

mod cli;
mod clock;
mod error;
mod http;
mod limit;
mod machine;
mod marker;
mod measured;
mod postgres;
mod process;
mod publish;
mod report;
mod results;
mod scenario;
mod server;
mod simulate;
mod streams;
mod timeline;
mod transport;
mod wire;
mod writer;

use std::process::ExitCode;

use clap::Parser as _;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

fn main() -> ExitCode {
    // Each stream is a descriptor; servers inherit it.
    let most = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit {
        current: most,
        maximum: most,
    };
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        eprintln!("dotcast-load: cannot raise the limit on open files: {error}");
    }
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dotcast-load: {error}");
            ExitCode::FAILURE
        }
    }
}
