//! Why there is nothing to run, as operators are told.

use std::{
    fmt,
    io::{self, Write as _},
};

use clap::{
    Command, CommandFactory as _,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::Cli;

/// Why there is nothing to run.
#[derive(Debug)]
pub enum Refusal {
    /// The help or the version was asked for, or this is no command.
    Told(clap::Error),
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

    pub(super) fn wrong(line: impl fmt::Display) -> Self {
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
            _ => Self::Told(error),
        }
    }
}

/// clap's message without its usage hints.
pub(super) fn line(error: &clap::Error) -> String {
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
