//! The documents: what they show happens, what they name exists, and each link leads somewhere.
//!
//! - [`markdown`]: a page, as far as these tests read it
//! - [`terminals`]: shells in which the commands of a page are typed
//! - [`shown`]: pages that are followed from top to bottom, in an empty folder
//! - [`runbook`]: backup and restore
//! - [`commands`]: each block of commands is run or says why not; each command and option exists
//! - [`blocks`]: SQL and configurations are valid
//! - [`links`]: links and anchors
//! - [`site`]: the table of contents and `llms.txt`
//! - [`messages`]: every message of the program is explained

mod blocks;
mod commands;
mod links;
mod markdown;
mod messages;
mod runbook;
mod shown;
mod site;
mod terminals;
