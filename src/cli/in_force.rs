//! The settings in force, and where each comes from.

use std::fmt;

use clap::{Arg, ArgMatches, parser::ValueSource};

use super::file::File;
use crate::db::url::DatabaseUrl;

/// The settings in force. `Display` writes them as a configuration file, with the source of each as a comment, and without
/// secrets.
#[derive(Debug, Default)]
pub struct InForce(Vec<Setting>);

const NOT_SET: &str = "not set";

#[derive(Debug)]
struct Setting {
    name: String,
    /// As TOML; `None` if it is not set and has no default.
    value: Option<String>,
    source: String,
}

impl InForce {
    /// The settings of these options, as they were given.
    pub(super) fn of<'a>(
        options: impl Iterator<Item = &'a Arg>,
        matches: &ArgMatches,
        file: Option<&File>,
    ) -> Self {
        // The file itself is named where something comes from it.
        let options = options.filter(|option| option.get_id() != "config");
        let settings = options.filter_map(|option| {
            let name = option.get_long()?;
            let id = option.get_id().as_str();
            let source = match matches.value_source(id) {
                Some(ValueSource::CommandLine) => "flag".to_owned(),
                Some(ValueSource::EnvVariable) => {
                    let variable = option.get_env().unwrap_or_default().to_string_lossy();
                    format!("environment, {variable}")
                }
                source => match file.filter(|file| file.get(name).is_some()) {
                    Some(file) => format!("file, {}", file.path().display()),
                    None if source.is_some() => "default".to_owned(),
                    None => NOT_SET.to_owned(),
                },
            };
            let value = if option.get_action().takes_values() {
                let values = matches.get_raw(id).into_iter().flatten();
                let values: Vec<_> = values
                    .map(|value| toml(name, &value.to_string_lossy()))
                    .collect();
                match &values[..] {
                    [] if source == NOT_SET => None,
                    [value] => Some(value.clone()),
                    values => Some(format!("[{}]", values.join(", "))),
                }
            } else {
                Some(matches.get_flag(id).to_string())
            };
            Some(Setting {
                name: name.to_owned(),
                value,
                source,
            })
        });
        Self(settings.collect())
    }
}

/// A value as TOML. Its strings are written as those of JSON.
fn toml(name: &str, value: &str) -> String {
    if value.parse::<u32>().is_ok() {
        return value.to_owned();
    }
    let shown = match name {
        // Without its password and what follows it.
        "database-url" => value
            .parse::<DatabaseUrl>()
            .map_or_else(|_| "…".to_owned(), |url| url.to_string()),
        _ => value.to_owned(),
    };
    serde_json::Value::String(shown).to_string()
}

impl fmt::Display for InForce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Setting {
            name,
            value,
            source,
        } in &self.0
        {
            match value {
                Some(value) => writeln!(f, "{name} = {value} # {source}")?,
                None => writeln!(f, "# {name} is {source}")?,
            }
        }
        Ok(())
    }
}
