//! Connections to a SQLite file: one that writes, a few that read.
//!
//! These are sqlx connections held open without sqlx's pool. That pool pings a connection each time it is
//! returned: a second round trip to its thread, as expensive as a short statement. Connections to a file do
//! not go stale.
//!
//! - [`making`]: the file, which may not exist yet
//! - [`group_commit`]: transactions that wait for the same commit share its fsync
//! - `savepoint`: what begins, rolls back and commits their turns
//! - [`turn`]: the connection that writes, lent to one of them
//! - `connection`: that connection, and what runs before a statement on it
//! - [`checkpoint`]: a log beside the file that stays small, however much is changed
//! - [`purge`]: files without remains of what was deleted
//! - `wakes`: how those who wait for SQLite's threads are woken
//! - [`files`]: whether the open files are still the ones that their paths name

mod bounds;
pub(super) mod checkpoint;
mod connection;
pub(super) mod files;
pub(super) mod group_commit;
pub(super) mod making;
pub(super) mod purge;
mod savepoint;
pub(super) mod turn;
mod wakes;

use std::time::Duration;

use dotcast_log::vital::Vital;
use sea_orm::{
    DatabaseConnection, DbErr, SqlxError, SqlxSqliteConnector,
    sqlx::{
        ConnectOptions as _, Connection as _, Sqlite, SqliteConnection,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};
use tokio::{sync::watch, time::timeout};

use self::{connection::Connection, files::Files, group_commit::Queue, wakes::Wakes};
use super::{
    condition::Condition,
    driver::{self, Command, Driver, Reply, connection_error, silent},
    pool::{Pool, opener::Deadlines},
    settings::Settings,
    statistics::{Role, Statistics},
    url::DatabaseUrl,
};

/// Connections for reading. In WAL mode readers block nobody, so a few are enough for everybody.
const READERS: usize = 4;
/// Each connection's own cache of the file, in negative KiB. The system caches the rest, once for all of them.
const READER_CACHE: &str = "-512";
/// When another program holds the write lock, SQLite fails the statement after the database's deadline. A statement
/// that takes this much longer is stuck in the file system.
const GRACE: Duration = Duration::from_secs(1);

/// What a database is used by. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Handles {
    pub(super) readers: Pool<Sqlite>,
    /// For the reader that follows the log. Requests cannot take it away.
    pub(super) follower: Pool<Sqlite>,
    pub(super) queue: Queue,
    pub(super) files: Files,
}

/// Opens the connections, creating the file if it is missing. `commits` counts commits.
pub(super) async fn connect(
    url: &DatabaseUrl,
    settings: &Settings,
    commits: watch::Sender<u64>,
    condition: &Condition,
    statistics: &Statistics,
    vital: &Vital,
) -> Result<Handles, DbErr> {
    let deadline = settings.database_timeout + GRACE;
    let wakes = Wakes::open(vital).map_err(|error| connection_error(error.into()))?;
    let options = for_writing(url, settings)?;
    let file = options.get_filename().to_owned();
    making::make(&file)?;
    // The writer goes first: it turns WAL mode on.
    let options = Opening {
        options,
        wakes: Some(wakes.clone()),
    };
    let writer = timeout(deadline, Connection::open(&options, condition));
    let writer = writer.await.map_err(|_| silent(deadline))??;
    let deadlines = Deadlines {
        database: deadline,
        statement: Some(deadline),
    };
    let open = |size, role, wakes| {
        let options = for_reading(url, settings)?;
        let options = Opening { options, wakes };
        Pool::new(options, size, deadlines, condition, statistics.of(role))
    };
    let readers = open(READERS, Role::Reader, Some(wakes.clone()))?;
    readers.warm_up(READERS).await?;
    // The poller has a thread of its own, which is woken at once.
    let follower = open(1, Role::Follower, None)?;
    follower.warm_up(1).await?;
    // All of them are open now, so the files are there.
    let files = Files::of(&file);
    Ok(Handles {
        readers,
        follower,
        queue: Queue::open(
            writer,
            settings.group_commit,
            deadline,
            commits,
            statistics,
            wakes,
            vital,
        ),
        files,
    })
}

/// Another connection for writing, for migrations, which need one of SeaORM's own.
pub(super) async fn connect_for_schema(
    url: &DatabaseUrl,
    settings: &Settings,
) -> Result<DatabaseConnection, DbErr> {
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(settings.database_timeout + GRACE);
    let pool = pool.connect_with(for_writing(url, settings)?).await;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(
        pool.map_err(connection_error)?,
    ))
}

fn for_writing(url: &DatabaseUrl, settings: &Settings) -> Result<SqliteConnectOptions, DbErr> {
    Ok(options(url, settings)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal))
}

fn for_reading(url: &DatabaseUrl, settings: &Settings) -> Result<SqliteConnectOptions, DbErr> {
    Ok(options(url, settings)?
        .pragma("query_only", "ON")
        .pragma("cache_size", READER_CACHE))
}

fn options(url: &DatabaseUrl, settings: &Settings) -> Result<SqliteConnectOptions, DbErr> {
    let options: SqliteConnectOptions = url.expose().parse().map_err(connection_error)?;
    Ok(options
        .foreign_keys(true)
        .busy_timeout(settings.database_timeout)
        // FULL: a commit that was answered is on the disk even if the power fails.
        .synchronous(SqliteSynchronous::Full)
        .log_statements(log::LevelFilter::Debug))
}

/// How a connection is opened.
#[derive(Debug)]
pub struct Opening {
    options: SqliteConnectOptions,
    /// None for a caller that is no task of a worker.
    wakes: Option<Wakes>,
}

/// An open connection, whose statements run in a thread of its own.
#[derive(Debug)]
pub struct Threaded {
    connection: SqliteConnection,
    wakes: Option<Wakes>,
}

impl Driver for Sqlite {
    const IS_REMOTE: bool = false;
    type Options = Opening;
    type Connection = Threaded;

    async fn open(Opening { options, wakes }: &Opening) -> Result<Threaded, SqlxError> {
        Ok(Threaded {
            connection: SqliteConnection::connect_with(options).await?,
            wakes: wakes.clone(),
        })
    }

    async fn run(
        Threaded { connection, wakes }: &mut Threaded,
        mut command: Command,
    ) -> (Reply, Result<(), SqlxError>) {
        if let Command::Prepared { statement, .. } = &mut command {
            bounds::write_out(statement);
        }
        // Perhaps more than there are, if there is a semicolon in a text.
        let statements = command.sql().matches(';').count() + 1;
        let answer = driver::run(connection, command, Some(statements));
        match wakes {
            Some(wakes) => wakes.wait(answer).await,
            None => answer.await,
        }
    }

    async fn ping(threaded: &mut Threaded) -> Result<(), SqlxError> {
        threaded.connection.ping().await
    }

    async fn close(threaded: Threaded) -> Result<(), SqlxError> {
        threaded.connection.close().await
    }

    fn is_fatal(_: &SqlxError) -> bool {
        false
    }
}
