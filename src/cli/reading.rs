//! Reads a command line and the environment.

use std::{
    any::TypeId,
    env,
    ffi::OsString,
    fmt,
    io::{self, Write as _},
    path::PathBuf,
};

use clap::{
    Arg, Command, CommandFactory as _, FromArgMatches as _,
    builder::{OsStr, Resettable},
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::Cli;

/// Why there is nothing to run.
#[derive(Debug)]
pub enum Refusal {
    /// The help or the version was asked for, or this is no command.
    Told(Box<clap::Error>),
    /// A value is wrong: one line that names the option, and the variable that the value may have come from.
    Wrong(String),
}

impl Refusal {
    /// Prints it; returns the program's exit code.
    pub fn tell(&self) -> u8 {
        let (printed, code) = match self {
            Self::Told(error) => (error.print(), error.exit_code()),
            Self::Wrong(line) => (writeln!(io::stderr(), "{line}"), 2),
        };
        match printed {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                let _ = writeln!(io::stderr(), "error: cannot write: {error}");
                1
            }
            _ => u8::try_from(code).unwrap_or(2),
        }
    }

    fn wrong(line: impl fmt::Display) -> Self {
        Self::Wrong(format!("error: {line}"))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Told(error) => write!(f, "{error}"),
            Self::Wrong(line) => f.write_str(line),
        }
    }
}

impl From<clap::Error> for Refusal {
    fn from(error: clap::Error) -> Self {
        match error.kind() {
            ErrorKind::ValueValidation
            | ErrorKind::InvalidValue
            | ErrorKind::InvalidUtf8
            | ErrorKind::TooManyValues => {
                let line = line(&error);
                Self::Wrong(match variable(&error) {
                    Some(variable) => {
                        format!("{line} (the flag, or {variable} in the environment)")
                    }
                    None => line,
                })
            }
            // A flag that may be given once.
            ErrorKind::ArgumentConflict => Self::Wrong(line(&error)),
            _ => Self::Told(Box::new(error)),
        }
    }
}

impl Cli {
    /// Parses a command line and the environment. A variable that is empty counts as unset.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Refusal> {
        let arguments: Vec<_> = arguments.into_iter().collect();
        let matches = tolerant(Self::command())
            .try_get_matches_from(&arguments)
            .map_err(|error| match error.kind() {
                // The help names all variables, also those that are empty.
                ErrorKind::DisplayHelp => Self::command()
                    .try_get_matches_from(&arguments)
                    .err()
                    .unwrap_or(error),
                _ => error,
            })?;
        let cli = Self::from_arg_matches(&matches)?;
        cli.command.check().map_err(Refusal::wrong)?;
        Ok(cli)
    }
}

/// The command line as operators expect it to be read: a variable that is empty is unset, and `-1s` behind a flag is its
/// value, which can then be refused by name.
fn tolerant(command: Command) -> Command {
    command
        .mut_args(|argument| {
            let is_empty = |name| env::var_os(name).is_some_and(|value| value.is_empty());
            let is_unset = argument.get_env().is_some_and(is_empty);
            let takes_dashes = takes_dashes(&argument);
            let argument = if is_unset {
                argument.env(Resettable::<OsStr>::Reset)
            } else {
                argument
            };
            argument.allow_hyphen_values(takes_dashes)
        })
        .mut_subcommands(tolerant)
}

/// Whether what follows this flag is its value in any case. It is not where any text would do: `--tls-cert --tls-key` has
/// no certificate called `--tls-key`.
fn takes_dashes(argument: &Arg) -> bool {
    let kind = argument.get_value_parser().type_id();
    let is_text = [TypeId::of::<String>(), TypeId::of::<PathBuf>()]
        .iter()
        .any(|it| kind == *it);
    argument.get_long().is_some() && argument.get_action().takes_values() && !is_text
}

/// clap's message without its usage hints.
fn line(error: &clap::Error) -> String {
    let mut text = error.render().to_string();
    let value = context(error, ContextKind::InvalidValue);
    let is_secret = ["--database-url", "--token"].contains(&flag(error));
    if (is_secret && !value.is_empty()) || value.contains('@') {
        // The value is a secret, or may contain a password.
        text = text.replace(value, "…");
    }
    let mut lines = text.lines();
    let line = lines.next().unwrap_or_default().to_owned();
    // The second line lists the possible values, if the option has a fixed set.
    match lines.next().map(str::trim).filter(|it| !it.is_empty()) {
        Some(values) => format!("{line} {values}"),
        None => line,
    }
}

/// The flag that an error is about; empty if it is about another argument.
fn flag(error: &clap::Error) -> &str {
    let argument = context(error, ContextKind::InvalidArg);
    let flag = argument.split([' ', '=']).next().unwrap_or_default();
    if flag.starts_with("--") { flag } else { "" }
}

fn context(error: &clap::Error, kind: ContextKind) -> &str {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text,
        _ => "",
    }
}

/// The environment variable of the flag that an error is about.
fn variable(error: &clap::Error) -> Option<String> {
    fn find(command: &Command, flag: &str) -> Option<String> {
        command
            .get_arguments()
            .find(|argument| argument.get_long() == Some(flag))
            .and_then(|argument| Some(argument.get_env()?.to_string_lossy().into_owned()))
            .or_else(|| command.get_subcommands().find_map(|it| find(it, flag)))
    }
    find(&Cli::command(), flag(error).strip_prefix("--")?)
}
