//! The stream on the wire.

mod access;
mod breaks;
mod crash;
mod curl;
mod exactness;
mod filters;
mod histories;
mod keep_alive;
mod limits;
mod live;
mod opening;
mod own_writes;
mod plans;
mod polyfill;
mod queries;
mod reading;
mod restored_twice;
mod shutdown;
mod since;
mod slow_reader;
mod waiting;
