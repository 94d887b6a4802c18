//! Where a log is: a filled one is made once for each size, and measured in copies.

use std::{fmt, fs, path::PathBuf, process::Command, str::FromStr};

use crate::{
    error::{Context as _, Error, Result},
    postgres::{Postgres, run},
    server::{Kind, Places},
};

/// How many boards the filled events are about.
const TOPICS: u64 = 10_000;
/// The first of them; boards that are created have lower ids.
const FIRST_TOPIC: u64 = 2_000_000;
/// A board that few events are about, which are also the only ones of their type.
pub const RARE_TOPIC: u64 = 1_999_999;
/// How many these are.
pub const RARE_EVENTS: u64 = 10;
/// How many events at most are older than the others.
const MOST_OLD: u64 = 1_000_000;

/// How many of `size` events are 40 days old; the others are a day old.
pub fn old(size: u64) -> u64 {
    MOST_OLD.min(size / 2)
}

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" => Ok(Self::Postgres),
            _ => Err("expected sqlite or postgres".to_owned()),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// Where databases are made.
pub struct Place {
    folder: PathBuf,
    dotcast: PathBuf,
    pub postgres: Option<Postgres>,
}

/// A database that goes when it is dropped.
pub struct Copy<'a> {
    place: &'a Place,
    name: String,
}

impl Place {
    pub fn new(backend: Backend, places: &Places) -> Result<Self> {
        let folder = places.scratch.join("grown");
        fs::create_dir_all(&folder).context(folder.display().to_string())?;
        Ok(Self {
            folder,
            dotcast: places.dotcast.clone(),
            postgres: match backend {
                Backend::Sqlite => None,
                Backend::Postgres => Some(Postgres::start()?),
            },
        })
    }

    /// A database with this many events.
    pub fn filled(&self, size: u64) -> Result<Copy<'_>> {
        let made = self.empty(&format!("filled_{size}"))?;
        let fill = |sql: &str| {
            // Longer names first: the others are parts of them.
            [
                ("RARE_TOPIC", RARE_TOPIC),
                ("FIRST_TOPIC", FIRST_TOPIC),
                ("TOPICS", TOPICS),
                ("RARE", size / RARE_EVENTS),
                ("SIZE", size),
                ("OLD", old(size)),
            ]
            .iter()
            .fold(sql.to_owned(), |sql, (name, value)| {
                sql.replace(name, &value.to_string())
            })
        };
        if let Some(postgres) = &self.postgres {
            postgres.sql(&made.name, &fill(include_str!("postgres.sql")))?;
            return Ok(made);
        }
        let triggers = "FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'events'";
        let again = made.sqlite(&format!("SELECT sql || ';' {triggers};"))?;
        let without = made.sqlite(&format!(
            "SELECT 'DROP TRIGGER ' || name || ';' {triggers};"
        ))?;
        let filling = fill(include_str!("sqlite.sql"));
        made.sqlite(&format!(
            "{without}\n{filling}\n{again}\nPRAGMA journal_mode = WAL;"
        ))?;
        Ok(made)
    }

    /// A database without events.
    pub fn empty(&self, name: &str) -> Result<Copy<'_>> {
        let made = self.named(name)?;
        if let Some(postgres) = &self.postgres {
            postgres.sql("postgres", &format!("CREATE DATABASE {name}"))?;
        }
        let mut migrate = Command::new(&self.dotcast);
        run(
            migrate.args(["migrate", "up", "--database-url", &made.url()]),
            "",
        )?;
        Ok(made)
    }

    /// A copy of a database that nobody uses. Both are on the disk: the system would write gigabytes beside what is
    /// measured.
    pub fn copy(&self, of: &Copy<'_>, name: &str) -> Result<Copy<'_>> {
        let made = self.named(name)?;
        if let Some(postgres) = &self.postgres {
            let sql = format!(
                "CREATE DATABASE {name} TEMPLATE {} STRATEGY FILE_COPY",
                of.name
            );
            postgres.sql("postgres", &sql)?;
        } else {
            fs::copy(of.file(), made.file()).context(made.file().display().to_string())?;
            for file in [of.file(), made.file()] {
                let synced = fs::File::open(&file).and_then(|it| it.sync_all());
                synced.context(file.display().to_string())?;
            }
        }
        Ok(made)
    }

    fn named(&self, name: &str) -> Result<Copy<'_>> {
        let made = Copy {
            place: self,
            name: name.to_owned(),
        };
        // One of an earlier failure.
        made.remove()?;
        Ok(made)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Copy<'_> {
    pub fn url(&self) -> String {
        match &self.place.postgres {
            Some(postgres) => postgres.url(&self.name),
            None => format!("sqlite://{}", self.file().display()),
        }
    }

    /// The server that has this database, and deletes nothing by itself.
    pub fn server(&self, kind: &Kind) -> Kind {
        kind.with_flags(&["--database-url", &self.url(), "--retention", "forever"])
    }

    /// The name of the database, for PostgreSQL.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How large SQLite's write-ahead log is in bytes; 0 for PostgreSQL.
    pub fn wal(&self) -> u64 {
        let file = self.file().with_extension("db-wal");
        fs::metadata(file).map_or(0, |it| it.len())
    }

    /// How large it is in bytes, with its indexes.
    pub fn size(&self) -> Result<u64> {
        let Some(postgres) = &self.place.postgres else {
            let file = self.file();
            let found = fs::metadata(&file).context(file.display().to_string())?;
            return Ok(found.len());
        };
        let found = postgres.sql(&self.name, "SELECT pg_database_size(current_database());")?;
        let size = found.lines().find_map(|line| line.trim().parse().ok());
        size.ok_or_else(|| Error::Server(format!("no size of the database: {found}")))
    }

    fn file(&self) -> PathBuf {
        self.place.folder.join(format!("{}.db", self.name))
    }

    fn sqlite(&self, sql: &str) -> Result<String> {
        run(Command::new("sqlite3").arg("-bail").arg(self.file()), sql)
            .map_err(|error| Error::Server(format!("{error}; it is in the package sqlite3")))
    }

    fn remove(&self) -> Result<()> {
        if let Some(postgres) = &self.place.postgres {
            let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
            postgres.sql("postgres", &sql)?;
        }
        for suffix in ["db", "db-wal", "db-shm"] {
            let _ = fs::remove_file(self.file().with_extension(suffix));
        }
        Ok(())
    }
}

impl Drop for Copy<'_> {
    fn drop(&mut self) {
        let _ = self.remove();
    }
}
