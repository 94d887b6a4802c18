//! The database of one test, and access to it: for what no answer may reveal, and for what other programs write.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, QueryResult, Statement, TryGetable,
    sqlx::{self, AssertSqlSafe, Connection as _, PgConnection, raw_sql},
};
use tempfile::TempDir;
use tokio::time::timeout;
use url::Url;

use super::{Clock, Cluster, PATIENCE, SqliteShell};

/// Every table that a request may write to.
const TABLES: [&str; 8] = [
    "users",
    "sessions",
    "boards",
    "paths",
    "solutions",
    "events",
    "idempotency_keys",
    "consumers",
];

/// A database of one test; clones are the same one. It is deleted with the last of them.
#[derive(Clone)]
pub struct Database {
    place: Arc<Place>,
}

enum Place {
    Sqlite(TempDir),
    Postgres {
        url: Url,
        /// The database from which this one is dropped, on a server that outlives the test.
        administration: Option<String>,
    },
}

impl Database {
    /// A new, empty database of the kind that this test run is for.
    pub async fn new() -> Self {
        let kind = std::env::var("DOTCAST_TEST_DATABASE");
        match kind.as_deref() {
            Ok("postgres") => Self::postgres().await,
            Ok("sqlite") => Self::sqlite(),
            Ok(other) => panic!("DOTCAST_TEST_DATABASE is sqlite or postgres, not {other}"),
            Err(_) if given_server().is_some() => Self::postgres().await,
            Err(_) => Self::sqlite(),
        }
    }

    /// A place for a SQLite file.
    pub fn sqlite() -> Self {
        Self::at(Place::Sqlite(
            TempDir::new().expect("a temporary directory"),
        ))
    }

    /// A new, empty database on the PostgreSQL of this test run.
    pub async fn postgres() -> Self {
        let server = match given_server() {
            Some(url) => url,
            None => Cluster::shared().await.url("postgres"),
        };
        let url = create(&server).await;
        Self::at(Place::Postgres {
            url,
            administration: Some(server),
        })
    }

    /// A new, empty database on the PostgreSQL that has the database `administration`.
    pub(super) async fn create(administration: &str) -> Self {
        Self::of(create(administration).await.as_str())
    }

    /// The same database on a copy of its server.
    pub fn on(&self, copy: &Cluster) -> Self {
        Self::of(&copy.url(&self.name()))
    }

    /// The PostgreSQL database of this URL. Its creator deletes it.
    pub(super) fn of(url: &str) -> Self {
        Self::at(Place::Postgres {
            url: Url::parse(url).expect("a URL"),
            administration: None,
        })
    }

    /// Its name in PostgreSQL.
    pub fn name(&self) -> String {
        let url = Url::parse(&self.url()).expect("a URL");
        url.path()[1..].to_owned()
    }

    fn at(place: Place) -> Self {
        Self {
            place: Arc::new(place),
        }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(&*self.place, Place::Postgres { .. })
    }

    /// The program's `--database-url`.
    pub fn url(&self) -> String {
        match &*self.place {
            Place::Sqlite(_) => format!("sqlite://{}", self.file().display()),
            Place::Postgres { url, .. } => url.to_string(),
        }
    }

    /// The file of a SQLite database, in a directory of its own.
    pub fn file(&self) -> PathBuf {
        self.directory().join("dotcast.db")
    }

    /// The directory of a SQLite database.
    pub fn directory(&self) -> &Path {
        match &*self.place {
            Place::Sqlite(directory) => directory.path(),
            Place::Postgres { .. } => panic!("a test about files says Database::sqlite()"),
        }
    }

    /// A connection as another program: this test.
    pub async fn connect(&self) -> DatabaseConnection {
        // The program creates a missing file itself, too.
        let mode = if self.is_postgres() { "" } else { "?mode=rwc" };
        sea_orm::Database::connect(format!("{}{mode}", self.url()))
            .await
            .expect("the database opens")
    }

    /// Runs statements as another program.
    pub async fn execute(&self, sql: &str) {
        let connection = self.connect().await;
        connection.execute_unprepared(sql).await.expect(sql);
        connection.close().await.expect("close");
    }

    /// The rows that a statement finds.
    pub async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let connection = self.connect().await;
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let rows = connection.query_all_raw(statement).await.expect(sql);
        connection.close().await.expect("close");
        rows
    }

    /// The first column of the rows that a statement finds.
    pub async fn column<T: TryGetable>(&self, sql: &str) -> Vec<T> {
        let rows = self.rows(sql).await;
        rows.iter()
            .map(|row| row.try_get_by_index(0).expect(sql))
            .collect()
    }

    /// How many rows each table has.
    pub async fn counts(&self) -> Vec<(&'static str, i64)> {
        let mut counts = Vec::new();
        for table in TABLES {
            let count: Vec<i64> = self.column(&format!("SELECT COUNT(*) FROM {table}")).await;
            counts.push((table, count[0]));
        }
        counts
    }

    /// Dates events like a program with a wrong clock, as far as the database allows.
    pub async fn date_events(&self, ids: &str, at: &str) {
        let update = format!("UPDATE events SET created_at = '{at}' WHERE id IN ({ids});");
        if self.is_postgres() {
            let disarmed = "ALTER TABLE events DISABLE TRIGGER USER";
            let armed = "ALTER TABLE events ENABLE TRIGGER USER";
            self.execute(&format!("BEGIN; {disarmed}; {update} {armed}; COMMIT;"))
                .await;
        } else {
            let clock = Clock::ahead("+100y");
            SqliteShell::on(&self.file()).by(&clock).run(&update).await;
        }
    }

    /// Appends this many events about a board as another program, in one transaction, each with this many bytes of
    /// padding.
    pub async fn append_fillers(&self, board_id: i64, count: i64, padding: usize) {
        let json = if self.is_postgres() { "jsonb" } else { "text" };
        let payload = format!(r#"{{"padding":"{}"}}"#, "x".repeat(padding));
        self.execute(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             INSERT INTO events (type, topic, payload) \
             SELECT 'filler', {board_id}, CAST('{payload}' AS {json}) FROM n"
        ))
        .await;
    }
}

impl Drop for Place {
    /// Deletes a database on a server that goes on.
    fn drop(&mut self) {
        let Self::Postgres {
            url,
            administration: Some(administration),
        } = self
        else {
            return;
        };
        let sql = format!("DROP DATABASE {} WITH (FORCE)", &url.path()[1..]);
        let administration = std::mem::take(administration);
        // It may be dropped inside a runtime, which cannot be blocked on, or outside of one. An error here leaves a
        // database behind and does not fail the test.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async { timeout(PATIENCE, run(&administration, &sql)).await })??;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        });
        if let Ok(Err(error)) = dropped.join() {
            eprintln!("{url} is left behind: {error}");
        }
    }
}

/// The PostgreSQL that the tests are told to use.
fn given_server() -> Option<String> {
    std::env::var("DOTCAST_TEST_DATABASE_URL").ok()
}

/// Makes a new database; returns its URL.
async fn create(administration: &str) -> Url {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "dotcast_test_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    // template0, because nobody can be connected to it and so block this.
    run(
        administration,
        &format!("CREATE DATABASE {name} TEMPLATE template0"),
    )
    .await
    .expect("a database");
    let mut url = Url::parse(administration).expect("the URL of a PostgreSQL");
    url.set_path(&name);
    url
}

async fn run(url: &str, sql: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut connection)
        .await?;
    connection.close().await
}
