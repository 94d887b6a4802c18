//! The command line.

mod file;
mod in_force;
pub mod manual;
mod reading;
mod refusal;
pub mod user;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use dotcast_log::EventId;

use self::user::UserCommand;
pub use self::{in_force::InForce, refusal::Refusal};
use crate::{
    client::TailOptions,
    config::{self, DatabaseOptions, ServeOptions, log_filter::LogFilter},
    healthcheck::HealthcheckOptions,
};

/// A server for Connect-the-Dots boards, with a durable event log streamed as Server-Sent Events.
#[derive(Debug, Parser)]
#[command(name = "dotcast", version, arg_required_else_help = true)]
pub struct Cli {
    /// Log at this level (`error`, `warn`, `info`, `debug`, `trace`, `off`), or at a level for each module
    #[arg(
        long = "log",
        env = "RUST_LOG",
        default_value = "info,rustls_platform_verifier=off,sea_orm_migration=warn,sqlx::postgres::notice=warn",
        value_name = "FILTER",
        global = true
    )]
    pub log: LogFilter,

    /// Read options of `dotcast serve` from this file, TOML; flags and the environment have precedence
    #[arg(long, env = "DOTCAST_CONFIG", value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,

    /// For `config check`: the settings in force.
    #[arg(skip)]
    pub in_force: InForce,

    /// Write the log as lines for people, or as a JSON object a line
    #[arg(long, env = "DOTCAST_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, global = true)]
    pub log_format: LogFormat,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Formats of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    Text,
    /// A JSON object a line
    Json,
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
        /// Print it in this version of OpenAPI
        #[arg(
            long,
            env = "DOTCAST_OPENAPI_VERSION",
            value_enum,
            default_value_t = DocumentVersion::V3_0
        )]
        version: DocumentVersion,
        /// Print it in this format
        #[arg(long, env = "DOTCAST_FORMAT", value_enum, default_value_t = DocumentFormat::Json)]
        format: DocumentFormat,
    },
    /// Manage users; prompt for passwords on the terminal, or read them from standard input
    #[command(subcommand)]
    User(UserCommand),
    /// Follow a server's stream across disconnects and restarts, and print each event as a line of JSON
    Tail(TailOptions),
    /// Ask a server whether it can serve requests; exit with 0 if it can, and with 1 if not
    Healthcheck(HealthcheckOptions),
    /// Delete old events now
    Trim {
        #[command(flatten)]
        /// Where the database is.
        database: DatabaseOptions,
        /// Delete events older than this
        #[arg(long, env = "DOTCAST_OLDER_THAN", value_name = "DURATION", value_parser = config::duration)]
        older_than: std::time::Duration,
    },
    /// Check the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look at the event log, and maintain it
    #[command(subcommand)]
    Log(LogCommand),
    /// List all consumers, with their cursors and how far they are behind
    Consumers {
        /// Print each consumer as a line of JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        /// Where the database is.
        database: DatabaseOptions,
    },
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
    /// Print a script that completes commands and options in a shell
    Completions {
        /// For this shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page, or write one for each command
    Man {
        /// Write the pages into this directory, such as /usr/local/share/man/man1
        #[arg(long, env = "DOTCAST_OUT", value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

impl Command {
    /// Checks what options say together.
    fn check(&self) -> Result<(), String> {
        match self {
            Self::Serve(options) => options.listening.check(),
            Self::Config(ConfigCommand::Check(options)) => options.listening.check(),
            Self::Healthcheck(options) => options.check(),
            _ => Ok(()),
        }
    }
}

/// The subcommands of `dotcast config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the settings with which `dotcast serve` would start, and where each comes from: a flag, the environment, the
    /// file, or the default
    Check(Box<ServeOptions>),
}

/// The subcommands of `dotcast log`.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Show where the event log begins and ends, and which ids are missing in it
    State {
        /// Print a JSON object
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        /// Where the database is.
        database: DatabaseOptions,
    },
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

/// Versions of OpenAPI that the document is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DocumentVersion {
    /// OpenAPI 3.0, which most generators of clients read
    #[value(name = "3.0")]
    V3_0,
    /// OpenAPI 3.2, with the schema of each event of a stream
    #[value(name = "3.2")]
    V3_2,
}

/// Formats of the OpenAPI document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DocumentFormat {
    /// JSON
    Json,
    /// YAML
    Yaml,
}
