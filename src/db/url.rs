//! Where the database is, as users write it.

use std::{path::PathBuf, str::FromStr};

use sea_orm::sqlx::{postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
use url::Url;

const EXAMPLES: &str =
    "use a URL such as sqlite://dotcast.db or postgres://user:password@host/database";

/// Where the database is. `Display` never shows a password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    kind: Kind,
    url: String,
}

/// What kind of database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sqlite,
    Postgres,
}

impl DatabaseUrl {
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the database does its work in this process, as SQLite does.
    pub fn is_embedded(&self) -> bool {
        self.kind == Kind::Sqlite
    }

    /// The file of a SQLite database.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match self.kind {
            Kind::Sqlite => SqliteConnectOptions::from_str(&self.url)
                .map(|options| options.get_filename().to_owned())
                .ok(),
            Kind::Postgres => None,
        }
    }

    /// With the password, for the driver.
    pub(super) fn expose(&self) -> &str {
        &self.url
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err(EXAMPLES.to_owned());
        };
        let kind = match scheme {
            "sqlite" => check_sqlite(url, rest).map(|()| Kind::Sqlite),
            "postgres" | "postgresql" => check_postgres(url).map(|()| Kind::Postgres),
            _ => Err(format!(
                "the scheme `{scheme}` is not supported; {EXAMPLES}"
            )),
        }?;
        let url = match kind {
            Kind::Sqlite => url.to_owned(),
            // The only spelling that SeaORM accepts.
            Kind::Postgres => format!("postgres:{rest}"),
        };
        Ok(Self { kind, url })
    }
}

fn check_sqlite(url: &str, rest: &str) -> Result<(), String> {
    if rest.contains(":memory:") || rest.contains("mode=memory") {
        return Err(
            "an in-memory database keeps nothing over a restart; name a file, such as sqlite://dotcast.db"
                .to_owned(),
        );
    }
    if rest.trim_start_matches('/').is_empty() {
        return Err("name a file, such as sqlite://dotcast.db".to_owned());
    }
    if rest.contains('@') {
        return Err("a SQLite file has no user and no password".to_owned());
    }
    Url::parse(url).map_err(|error| error.to_string())?;
    SqliteConnectOptions::from_str(url).map_err(|error| error.to_string())?;
    Ok(())
}

fn check_postgres(url: &str) -> Result<(), String> {
    let parsed = Url::parse(url).map_err(|error| error.to_string())?;
    let asks = |key: &str| parsed.query_pairs().any(|(it, _)| it == key);
    if parsed.path().trim_start_matches('/').is_empty() && !asks("dbname") {
        return Err("name the database, as in postgres://user:password@host/database".to_owned());
    }
    PgConnectOptions::from_str(url).map_err(|error| error.to_string())?;
    Ok(())
}

impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = self.url.split('?').next().unwrap_or_default();
        match (self.kind, Url::parse(place)) {
            (Kind::Postgres, Ok(mut url)) => {
                // Without a host there can be no password, and the call fails.
                let _ = url.set_password(None);
                write!(f, "{url}")
            }
            _ => f.write_str(place),
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            (
                "postgres://ada:hunter2@db.example:5433/dots?sslmode=require&password=hunter2",
                "postgres://ada@db.example:5433/dots",
            ),
            (
                "postgresql://ada:h%40nter2@host/dots",
                "postgres://ada@host/dots",
            ),
            ("postgres:///dots?host=/run/postgresql", "postgres:///dots"),
            ("sqlite://dots.db?mode=rwc", "sqlite://dots.db"),
        ] {
            let url: DatabaseUrl = url.parse().expect(url);
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("nter2"), "{url:?}");
        }
    }

    #[test]
    fn what_is_no_database_is_refused() {
        for url in [
            "",
            "dotcast.db",
            "mysql://host/db",
            "postgres://",
            "postgres://host",
            "postgres://host/",
            "postgres://host:port/db",
            "postgres://host/db?sslmode=maybe",
            "sqlite://",
            "sqlite::memory:",
            "sqlite://ada@host/db",
        ] {
            url.parse::<DatabaseUrl>().expect_err(url);
        }
    }
}
