//! Bounds on what clients may take, together and one by one.

use clap::Args;

/// What clients may take.
#[derive(Args, Clone, Debug)]
pub struct Limits {}
