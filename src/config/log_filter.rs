//! Which log lines are written.

use std::str::FromStr;

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// Crates whose names alone are a directive: everything that they log.
const CRATES: [&str; 5] = [
    "dotcast",
    "dotcast_client",
    "dotcast_log",
    "entity",
    "migration",
];

/// A filter of log lines: a level, and levels for single modules, separated by commas.
///
/// `tracing-subscriber` takes any word that is no level for the name of a module, and then logs nothing else. So a word by
/// itself has to be a level or a module of dotcast, and the modules of others need their level (`sqlx=debug`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// The filter itself.
    pub fn build(&self) -> EnvFilter {
        EnvFilter::new(&self.0)
    }
}

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let directives: Vec<_> = text
            .split(',')
            .map(str::trim)
            .filter(|it| !it.is_empty())
            .collect();
        if directives.is_empty() {
            return Err("expected a level such as info, or info,sqlx=debug".to_owned());
        }
        if let Some(word) = directives.iter().find(|it| !says_something(it)) {
            return Err(format!(
                "`{word}` is neither a level (error, warn, info, debug, trace, off) nor a module of dotcast; \
                 a module of another crate needs a level, as in info,sqlx=debug"
            ));
        }
        let filter = directives.join(",");
        EnvFilter::try_new(&filter).map_err(|error| error.to_string())?;
        Ok(Self(filter))
    }
}

fn says_something(directive: &str) -> bool {
    // With a level, or about spans: the parser judges it.
    directive.contains(['=', '[', ']', '{', '}'])
        || directive.parse::<LevelFilter>().is_ok()
        || CRATES.iter().any(|name| {
            let rest = directive.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_says_what_is_logged() {
        for text in [
            "info",
            "WARN",
            "off",
            "3",
            "dotcast",
            "dotcast_log::poller",
            "info,sqlx::query=debug",
            " info , dotcast=trace ,",
            "info,[request]=debug",
            "info,rustls_platform_verifier=off,sea_orm_migration=warn,sqlx::postgres::notice=warn",
        ] {
            text.parse::<LogFilter>().expect(text);
        }
        for text in [
            "",
            " ",
            ",",
            "garbage",
            "info,garbage",
            "inof",
            "dotcasts",
            "dotcast:poller",
            "sqlx",
            "info,dotcast=loud",
            "a=b=c",
        ] {
            text.parse::<LogFilter>().expect_err(text);
        }
    }
}
