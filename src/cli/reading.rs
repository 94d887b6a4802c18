//! Reads a command line, the environment and the configuration file.

use std::{any::TypeId, env, ffi::OsString, path::PathBuf};

use clap::{
    Arg, ArgMatches, Command, CommandFactory as _, FromArgMatches as _,
    builder::{OsStr, Resettable},
    error::ErrorKind,
};

use super::{Cli, file::File, in_force::InForce, refusal::Refusal};

impl Cli {
    /// Parses a command line, the environment, and the configuration file that they name. A variable that is empty counts
    /// as unset.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Refusal> {
        let arguments: Vec<_> = arguments.into_iter().collect();
        let command = tolerant(Self::command());
        let parse = |command: &Command| command.clone().try_get_matches_from(&arguments);
        let mut matches = parse(&command).map_err(|error| match error.kind() {
            // The help names all variables, also those that are empty.
            ErrorKind::DisplayHelp => parse(&Self::command()).err().unwrap_or(error),
            _ => error,
        })?;
        let path = matches.get_one::<PathBuf>("config");
        let file = path.map(|path| File::read(path, &command)).transpose()?;
        if let Some(file) = &file {
            matches = parse(&file.apply(command.clone()))?;
        }
        let mut cli = Self::from_arg_matches(&matches)?;
        cli.command.check().map_err(Refusal::wrong)?;
        if let Some((options, matches)) = config_check(&command, &matches) {
            cli.in_force = InForce::of(options, matches, file.as_ref());
        }
        Ok(cli)
    }
}

/// If the command is `config check`, its options, also those of every command.
fn config_check<'a>(
    command: &'a Command,
    matches: &'a ArgMatches,
) -> Option<(impl Iterator<Item = &'a Arg>, &'a ArgMatches)> {
    let matches = matches.subcommand_matches("config")?;
    let check = command
        .find_subcommand("config")?
        .find_subcommand("check")?;
    let options = check.get_arguments().chain(command.get_arguments());
    Some((options, matches.subcommand_matches("check")?))
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
