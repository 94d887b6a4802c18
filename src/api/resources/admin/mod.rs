//! `/api/v1/admin`, for administrators: [`accounts`] are users, [`log`] is the event log and this server's streams.

pub mod accounts;
pub mod log;

use crate::{api::request::credentials::Caller, error::Error};

/// Rows that are read at a time.
const STEP: u64 = 201;

fn check(caller: &Caller) -> Result<(), Error> {
    if caller.user.is_admin {
        Ok(())
    } else {
        Err(Error::NotAdministrator)
    }
}
