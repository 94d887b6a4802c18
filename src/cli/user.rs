//! The command line of `dotcast user`.

use clap::{Args, Subcommand};

use crate::config::DatabaseOptions;

/// The subcommands of `dotcast user`.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Register a user
    Add {
        /// Username, 3 to 32 of a-z A-Z 0-9 _ -
        name: String,
        /// Make the user an administrator, who may change and delete everybody's boards
        // Without a variable, as all options here: in the environment of a service it would hold for every user.
        #[arg(long)]
        admin: bool,
        #[command(flatten)]
        /// Where the database is.
        database: DatabaseOptions,
    },
    /// List all users
    List {
        /// Print each user as a line of JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        /// Where the database is.
        database: DatabaseOptions,
    },
    /// Set a new password and end the user's sessions
    Passwd(Named),
    /// Make a user an administrator, who may change and delete everybody's boards
    Promote(Named),
    /// Make an administrator an ordinary user
    Demote {
        #[command(flatten)]
        /// Who.
        named: Named,
        #[command(flatten)]
        /// Whether nobody has to be asked.
        sure: Sure,
    },
    /// Keep a user from logging in, and end their sessions
    Disable {
        #[command(flatten)]
        /// Who.
        named: Named,
        #[command(flatten)]
        /// Whether nobody has to be asked.
        sure: Sure,
    },
    /// Let a disabled user log in again
    Enable(Named),
    /// Delete a user with their sessions, consumers, paths and solutions
    Delete {
        #[command(flatten)]
        /// Who.
        named: Named,
        /// Delete their boards, too, and with them everybody's paths on those
        #[arg(long)]
        with_boards: bool,
        #[command(flatten)]
        /// Whether nobody has to be asked.
        sure: Sure,
    },
    /// Replace a user's name by a pseudonym, in the event log as well, and disable the user; boards and paths stay
    Erase {
        #[command(flatten)]
        /// Who.
        named: Named,
        #[command(flatten)]
        /// Whether nobody has to be asked.
        sure: Sure,
    },
    /// Manage the sessions of a user
    #[command(subcommand)]
    Sessions(SessionsCommand),
}

/// The subcommands of `dotcast user sessions`.
#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// End all sessions of a user
    End(Named),
}

/// A user, and the database that has them.
#[derive(Debug, Args)]
pub struct Named {
    /// Username
    pub name: String,
    #[command(flatten)]
    /// Where the database is.
    pub database: DatabaseOptions,
}

/// Consent that was given beforehand.
#[derive(Clone, Copy, Debug, Args)]
pub struct Sure {
    /// Do not ask; take away the last administrator, too
    #[arg(long)]
    pub yes: bool,
}
