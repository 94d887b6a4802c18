//! The configuration file: options of `dotcast serve` as TOML, under the names of their flags.
//!
//! Its values become the defaults of the command line, so whatever checks a flag checks them, and flags and variables have
//! precedence.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgAction, Command, builder::Resettable};
use toml::{Table, Value};

use super::refusal::{Refusal, line};

/// Options that a file does not have.
const NOT_IN_A_FILE: [&str; 3] = ["config", "help", "version"];

/// What a configuration file says. Each value is one that its option takes.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    values: Vec<(String, Vec<String>)>,
}

impl File {
    /// Reads a file for this command line.
    ///
    /// # Errors
    /// One line that names the file and, if it is about one, the key.
    pub(super) fn read(path: &Path, command: &Command) -> Result<Self, Refusal> {
        let shown = path.display();
        let text = fs::read_to_string(path)
            .map_err(|error| Refusal::wrong(format!("cannot read {shown}: {error}")))?;
        let table = text.parse::<Table>().map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let number = before.unwrap_or_default().matches('\n').count() + 1;
            let message = error.message().replace('\n', " ");
            Refusal::wrong(format!("{shown}, line {number}: {message}"))
        })?;
        let serve = command.find_subcommand("serve");
        let mut values = Vec::new();
        for (key, value) in table {
            let wrong = |what| Refusal::wrong(format!("{shown}: {what}"));
            let option = serve.and_then(|serve| option(command, serve, &key));
            let option = option.ok_or_else(|| wrong(unknown(command, &key)))?;
            let texts = texts(option, &value).map_err(|what| wrong(format!("`{key}` {what}")))?;
            check(command, option, &texts)
                .map_err(|told| Refusal::Wrong(format!("{told} (`{key}` in {shown})")))?;
            values.push((key, texts));
        }
        Ok(Self {
            path: path.to_owned(),
            values,
        })
    }

    /// The same command line with the file's values as defaults.
    pub(super) fn apply(&self, command: Command) -> Command {
        command
            .mut_args(
                |option| match option.get_long().and_then(|it| self.get(it)) {
                    Some(values) => option.default_values(values.to_vec()),
                    None => option,
                },
            )
            .mut_subcommands(|command| self.apply(command))
    }

    /// What it says about an option.
    pub(super) fn get(&self, option: &str) -> Option<&[String]> {
        let found = self.values.iter().find(|(key, _)| key == option);
        found.map(|(_, values)| &**values)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// The option of `dotcast serve` with this name.
fn option<'a>(command: &'a Command, serve: &'a Command, name: &str) -> Option<&'a Arg> {
    let mut all = serve.get_arguments().chain(command.get_arguments());
    all.find(|it| it.get_long() == Some(name) && !NOT_IN_A_FILE.contains(&name))
}

fn unknown(command: &Command, key: &str) -> String {
    let dashed = key.replace('_', "-");
    let serve = command.find_subcommand("serve");
    match serve.and_then(|serve| option(command, serve, &dashed)) {
        Some(_) => format!("there is no option `{key}`; it is called `{dashed}`"),
        None => format!("`dotcast serve` has no option `{key}`"),
    }
}

/// A value as on the command line: several where the option may be repeated.
fn texts(option: &Arg, value: &Value) -> Result<Vec<String>, &'static str> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        _ => None,
    };
    match (option.get_action(), value) {
        (ArgAction::SetTrue, Value::Boolean(is_set)) => Ok(vec![is_set.to_string()]),
        (ArgAction::SetTrue, _) => Err("must be true or false"),
        (ArgAction::Append, Value::Array(values)) => {
            let texts: Option<_> = values.iter().map(text).collect();
            texts.ok_or("must be a list of strings")
        }
        (ArgAction::Append, value) => text(value)
            .map(|it| vec![it])
            .ok_or("must be a string, or a list of strings"),
        (_, value) => text(value)
            .map(|it| vec![it])
            .ok_or("must be a string or a whole number"),
    }
}

/// Has the command line judge the values by themselves.
fn check(command: &Command, option: &Arg, values: &[String]) -> Result<(), String> {
    if !option.get_action().takes_values() {
        return Ok(());
    }
    let name = option.get_long().unwrap_or_default();
    let arguments = ["dotcast", "serve"].map(str::to_owned).into_iter();
    let arguments = arguments.chain(values.iter().map(|value| format!("--{name}={value}")));
    let alone = without_variables(command.clone()).try_get_matches_from(arguments);
    alone.map(|_| ()).map_err(|error| line(&error))
}

fn without_variables(command: Command) -> Command {
    command
        .mut_args(|it| it.env(Resettable::<clap::builder::OsStr>::Reset))
        .mut_subcommands(without_variables)
}
