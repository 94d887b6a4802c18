//! The command line.

pub mod user;

use std::{
    ffi::OsString,
    io::{self, Write as _},
    path::PathBuf,
};

use clap::{
    CommandFactory as _, Parser, Subcommand, ValueEnum,
    error::{ContextKind, ContextValue, ErrorKind},
};
use dotcast_log::EventId;

use self::user::UserCommand;
use crate::{
    client::TailOptions,
    config::{self, DatabaseOptions, ServeOptions},
};

/// A server for Connect-the-Dots boards, with a durable event log streamed as Server-Sent Events.
#[derive(Debug, Parser)]
#[command(name = "dotcast", version, arg_required_else_help = true)]
pub struct Cli {
    /// Log at this level (`error`, `warn`, `info`, `debug`, `trace`), or at a level for each module
    #[arg(
        long = "log",
        env = "RUST_LOG",
        default_value = "info,sea_orm_migration=warn,sqlx::postgres::notice=warn",
        value_name = "FILTER",
        global = true
    )]
    pub log: String,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "a single one exists, at start")]
pub enum Command {
    /// Run the server
    Serve(ServeOptions),
    /// Migrate the database to the newest schema, or show the state of its migrations
    Migrate {
        #[command(flatten)]
        /// Where the database is.
        database: DatabaseOptions,
        /// Apply pending migrations, or list them
        #[arg(value_enum, default_value_t = MigrateAction::Up)]
        action: MigrateAction,
    },
    /// Print the OpenAPI document
    Openapi {
        /// Print it in this format
        #[arg(long, env = "DOTCAST_FORMAT", value_enum, default_value_t = DocumentFormat::Json)]
        format: DocumentFormat,
    },
    /// Manage users; prompt for passwords on the terminal, or read them from standard input
    #[command(subcommand)]
    User(UserCommand),
    /// Follow a server's stream across disconnects and restarts, and print each event as a line of JSON
    Tail(TailOptions),
    /// Delete old events now
    Trim {
        #[command(flatten)]
        /// Where the database is.
        database: DatabaseOptions,
        /// Delete events older than this
        #[arg(long, env = "DOTCAST_OLDER_THAN", value_name = "DURATION", value_parser = config::duration)]
        older_than: std::time::Duration,
    },
    /// Maintain the event log
    #[command(subcommand)]
    Log(LogCommand),
    /// Save the SQLite database to a single file; servers may keep running
    Backup {
        /// Write to this file, which must not exist yet
        file: PathBuf,
        #[command(flatten)]
        /// Where the database is.
        database: DatabaseOptions,
    },
    /// Replace the SQLite database with a backup; no server may be using it
    Restore {
        /// Restore this file, made by `dotcast backup`
        file: PathBuf,
        #[command(flatten)]
        /// Where the database is.
        database: DatabaseOptions,
    },
}

/// The subcommands of `dotcast log`.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Record that events were lost, as by a restored backup; clients that have seen them are told
    Break {
        /// Record all ids up to this one, the last that was given out, as lost; if unset, skip more ids than can
        /// have been given out
        #[arg(long, env = "DOTCAST_THROUGH", value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        through: Option<EventId>,
        #[command(flatten)]
        /// Where the database is.
        database: DatabaseOptions,
    },
}

/// The actions of `dotcast migrate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MigrateAction {
    /// Apply pending migrations
    Up,
    /// List applied and pending migrations
    Status,
}

/// Formats of the OpenAPI document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DocumentFormat {
    /// JSON
    Json,
    /// YAML
    Yaml,
}

impl Cli {
    /// Parses a command line and the environment.
    ///
    /// # Errors
    /// The exit code, once the help (0) or the error (2) has been printed. A wrong value takes one line.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, u8> {
        Self::try_parse_from(arguments).map_err(|error| {
            let _ = match error.kind() {
                ErrorKind::ValueValidation
                | ErrorKind::InvalidValue
                | ErrorKind::InvalidUtf8
                | ErrorKind::TooManyValues => io::stderr().write_all(one_line(&error).as_bytes()),
                _ => error.print(),
            };
            u8::try_from(error.exit_code()).unwrap_or(2)
        })
    }
}

/// clap's message without its usage hints, naming the environment variable that the value may have come
/// from.
fn one_line(error: &clap::Error) -> String {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let argument = context(ContextKind::InvalidArg);
    let flag = argument.split([' ', '=']).next().unwrap_or_default();
    let mut text = error.render().to_string();
    let value = context(ContextKind::InvalidValue);
    let is_secret = ["--database-url", "--token"].contains(&flag);
    if (is_secret && !value.is_empty()) || value.contains('@') {
        // The value is a secret, or may contain a password.
        text = text.replace(value, "…");
    }
    let mut lines = text.lines();
    let mut line = lines.next().unwrap_or_default().to_owned();
    // The second line lists the possible values, if the option has a fixed set.
    if let Some(values) = lines.next().map(str::trim).filter(|it| !it.is_empty()) {
        line = format!("{line} {values}");
    }
    match flag.strip_prefix("--").and_then(environment_variable) {
        Some(variable) => format!("{line} (the flag, or {variable} in the environment)\n"),
        None => format!("{line}\n"),
    }
}

fn environment_variable(flag: &str) -> Option<String> {
    fn find(command: &clap::Command, flag: &str) -> Option<String> {
        command
            .get_arguments()
            .find(|argument| argument.get_long() == Some(flag))
            .and_then(|argument| Some(argument.get_env()?.to_string_lossy().into_owned()))
            .or_else(|| command.get_subcommands().find_map(|it| find(it, flag)))
    }
    find(&Cli::command(), flag)
}
