//! Connections to PostgreSQL.

use std::{str::FromStr, time::Duration};

use sea_orm::{
    DatabaseConnection, DbErr, SqlxError, SqlxPostgresConnector,
    sqlx::{
        self, ConnectOptions as _, Connection as _, PgConnection, Postgres,
        postgres::{PgConnectOptions, PgDatabaseError, PgPoolOptions, PgSeverity},
        raw_sql,
    },
};
use tokio::time::timeout;

use super::{
    condition::Condition,
    driver::{self, Command, Driver, Reply, connection_error, silent},
    pool::{Pool, opener::Deadlines},
    settings::Settings,
    statistics::{Role, Statistics},
    url::DatabaseUrl,
};

/// How long a connection may be idle before it is closed.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_mins(10);
/// The advisory lock that tests whether advisory locks are real; the second half is a random number.
const PROBE_LOCK: i32 = 0x646f_7470;

/// The pools of connections.
#[derive(Clone, Debug)]
pub(super) struct Pools {
    pub(super) readers: Pool<Postgres>,
    pub(super) writers: Pool<Postgres>,
    /// For the reader that follows the log. Requests cannot take it away.
    pub(super) follower: Pool<Postgres>,
}

/// Opens the connections.
///
/// # Errors
/// Also if the server is a standby, or its advisory locks do not work: the log could not be exact.
pub(super) async fn connect(
    url: &DatabaseUrl,
    settings: &Settings,
    condition: &Condition,
    statistics: &Statistics,
) -> Result<Pools, DbErr> {
    let options = options(url, settings)?;
    let deadline = settings.database_timeout;
    timeout(deadline, check(&options))
        .await
        .map_err(|_| silent(deadline))??;
    let deadlines = Deadlines {
        database: deadline,
        // PostgreSQL itself ends a statement that takes too long, and then it is no longer silent.
        statement: settings.statement_timeout.map(|it| it + deadline),
    };
    let open = |options: &PgConnectOptions, size: u32, role| {
        let (options, counts) = (options.clone(), statistics.of(role));
        Pool::new(options, size as usize, deadlines, condition, counts)
    };
    let writers = settings.pool_size.div_ceil(2);
    let read_only = options
        .clone()
        .options([("default_transaction_read_only", "on")]);
    let pools = Pools {
        readers: open(&read_only, settings.pool_size - writers, Role::Reader)?,
        writers: open(&options, writers, Role::Writer)?,
        follower: open(&options, 1, Role::Follower)?.hurried(),
    };
    pools.readers.warm_up(1).await?;
    pools.writers.warm_up(1).await?;
    Ok(pools)
}

/// A connection of SeaORM's own kind, for migrations. The server sets no deadline on it: a migration may take as long
/// as it needs.
pub(super) async fn connect_for_schema(
    url: &DatabaseUrl,
    settings: &Settings,
) -> Result<DatabaseConnection, DbErr> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(settings.database_timeout)
        .connect_with(options(url, settings)?)
        .await
        .map_err(connection_error)?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

/// How to make a connection.
pub(super) fn options(url: &DatabaseUrl, settings: &Settings) -> Result<PgConnectOptions, DbErr> {
    let options = PgConnectOptions::from_str(url.expose()).map_err(connection_error)?;
    Ok(session(options, settings).log_statements(log::LevelFilter::Debug))
}

impl Driver for Postgres {
    const IS_REMOTE: bool = true;
    type Options = PgConnectOptions;
    type Connection = PgConnection;

    async fn open(options: &PgConnectOptions) -> Result<PgConnection, SqlxError> {
        let mut connection = options.connect().await?;
        // One address may lead to a standby tomorrow.
        refuse_standby(&mut connection).await?;
        // Lets PostgreSQL notice soon that a connection whose statement waits for a lock was given up (version 14 and
        // later, and not on every system). Without it, PostgreSQL notices when the statement ends.
        let _ = raw_sql(
            "SELECT set_config('client_connection_check_interval', '1s', false) \
             WHERE current_setting('server_version_num')::integer >= 140000",
        )
        .execute(&mut connection)
        .await;
        Ok(connection)
    }

    async fn run(
        connection: &mut PgConnection,
        command: Command,
    ) -> (Reply, Result<(), SqlxError>) {
        driver::run(connection, command, None).await
    }

    async fn ping(connection: &mut PgConnection) -> Result<(), SqlxError> {
        connection.ping().await
    }

    async fn close(connection: PgConnection) -> Result<(), SqlxError> {
        connection.close().await
    }

    /// The session has ended: it was told to end, or was idle in a transaction for too long.
    fn is_fatal(error: &SqlxError) -> bool {
        let error = error.as_database_error();
        let error = error.and_then(|it| it.try_downcast_ref::<PgDatabaseError>());
        error.is_some_and(|it| matches!(it.severity(), PgSeverity::Fatal | PgSeverity::Panic))
    }
}

/// The settings that a session begins with.
fn session(options: PgConnectOptions, settings: &Settings) -> PgConnectOptions {
    let mut options = match options.get_application_name() {
        // Settings in the URL win.
        Some(_) => options,
        None => options.application_name(&settings.application_name),
    };
    let timeouts = [
        ("statement_timeout", settings.statement_timeout),
        (
            "idle_in_transaction_session_timeout",
            settings.idle_in_transaction_timeout,
        ),
    ];
    for (name, timeout) in timeouts {
        if let Some(timeout) = timeout {
            options = options.options([(name, timeout.as_millis())]);
        }
    }
    options
}

/// Refuses a server on which the log could not be exact.
async fn check(options: &PgConnectOptions) -> Result<(), DbErr> {
    let mut one = options.connect().await.map_err(connection_error)?;
    let mut other = options.connect().await.map_err(connection_error)?;
    refuse_standby(&mut one).await.map_err(connection_error)?;
    let locks = takes_advisory_locks(&mut one, &mut other)
        .await
        .map_err(connection_error)?;
    // They are dropped in any case; a goodbye that fails changes nothing.
    let _ = one.close().await;
    let _ = other.close().await;
    if locks {
        return Ok(());
    }
    Err(DbErr::Custom(
        "this server does not take advisory locks, or does not show them in pg_locks; \
         without them events would be lost, so use PostgreSQL itself"
            .to_owned(),
    ))
}

/// Only the primary shows the locks that writers hold.
async fn refuse_standby(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let standby: bool = sqlx::query_scalar("SELECT pg_is_in_recovery()")
        .persistent(false)
        .fetch_one(connection)
        .await?;
    if standby {
        return Err(sqlx::Error::Configuration(
            "this server is a standby; use the URL of the primary".into(),
        ));
    }
    Ok(())
}

/// Whether a lock that one connection holds is refused to the other, and visible to it.
///
/// The functions are deliberately not qualified: this tries whatever they mean in this database.
async fn takes_advisory_locks(
    one: &mut PgConnection,
    other: &mut PgConnection,
) -> Result<bool, sqlx::Error> {
    // A number of our own, so that servers that start at once do not get in each other's way.
    let number = getrandom::u32().unwrap_or_default().cast_signed();
    // In transactions, because a pooler keeps each on one connection.
    let mut holder = one.begin().await?;
    let mut tester = other.begin().await?;
    let held: bool = sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1, $2)")
        .bind(PROBE_LOCK)
        .bind(number)
        .fetch_one(&mut *holder)
        .await?;
    let shown: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted \
         AND classid = $1::integer::oid AND objid = $2::integer::oid)",
    )
    .bind(PROBE_LOCK)
    .bind(number)
    .fetch_one(&mut *tester)
    .await?;
    let taken_twice: bool = sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1, $2)")
        .bind(PROBE_LOCK)
        .bind(number)
        .fetch_one(&mut *tester)
        .await?;
    tester.rollback().await?;
    holder.rollback().await?;
    Ok(held && shown && !taken_twice)
}
