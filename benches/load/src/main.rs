//! The load generator: many streams on one server, each checked for every event once and in order.
//!
//! - [`wire`], [`marker`]: how an event is recognised, whatever server carried it
//! - [`streams`]: clients by the ten thousand on one thread
//! - [`server`], [`limit`]: what is measured; [`process`], [`machine`]: what it costs
//! - [`publish`], [`writer`], [`timeline`]: where events come from, and what happens to each
//! - [`scenario`]: what is done, and which figures come of it
//! - [`results`]: the figures, as files of JSON; [`report`]: tables and charts of them
//! - [`measured`]: the figures that others are computed from; [`simulate`]: what becomes of many servers

mod cli;
mod clock;
mod error;
mod http;
mod limit;
mod machine;
mod marker;
mod measured;
mod process;
mod publish;
mod report;
mod results;
mod scenario;
mod server;
mod simulate;
mod streams;
mod timeline;
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
        eprintln!("dotcast-load: the limit of open files stays as it is: {error}");
    }
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dotcast-load: {error}");
            ExitCode::FAILURE
        }
    }
}
