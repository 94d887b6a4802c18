//! Connections to PostgreSQL.

use std::{str::FromStr, time::Duration};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr,
    sqlx::{self, ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions},
};
use tokio::time::timeout;

use super::{Settings, url::DatabaseUrl};

/// How long a request waits for a connection before it is told to come back later. While nobody
/// listens there, it is tried again and again for as long.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections that nobody needs are closed after this.
const IDLE_TIMEOUT: Duration = Duration::from_mins(10);
/// The advisory lock that says whether advisory locks are real; the second half is a random number.
const PROBE_LOCK: i32 = 0x646f_7470;

/// The connections for reading, and those for writing.
///
/// # Errors
/// Also when the server is a standby, or takes no advisory locks: the log could not be exact.
pub(super) async fn connect(
    url: &DatabaseUrl,
    settings: &Settings,
) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    let options = options(url, settings)?;
    timeout(ACQUIRE_TIMEOUT, check(&options))
        .await
        .map_err(|_| DbErr::Custom(format!("it does not answer within {ACQUIRE_TIMEOUT:?}")))??;
    let writers = settings.pool_size.div_ceil(2);
    let writer = open(url, settings, writers, false).await?;
    let reader = open(url, settings, settings.pool_size - writers, true).await?;
    Ok((reader, writer))
}

/// How one connection is made, outside of the pools.
pub(super) fn options(url: &DatabaseUrl, settings: &Settings) -> Result<PgConnectOptions, DbErr> {
    let options = PgConnectOptions::from_str(url.expose()).map_err(connection_error)?;
    Ok(session(options, settings).log_statements(log::LevelFilter::Debug))
}

async fn open(
    url: &DatabaseUrl,
    settings: &Settings,
    connections: u32,
    read_only: bool,
) -> Result<DatabaseConnection, DbErr> {
    let settings = settings.clone();
    let mut options = ConnectOptions::new(url.expose());
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(IDLE_TIMEOUT)
        .sqlx_logging_level(log::LevelFilter::Debug)
        .map_sqlx_postgres_opts(move |options| {
            let options = session(options, &settings);
            if read_only {
                options.options([("default_transaction_read_only", "on")])
            } else {
                options
            }
        })
        // Behind one address there may be a standby tomorrow.
        .map_sqlx_postgres_pool_opts(|pool| {
            pool.after_connect(|connection, _| Box::pin(refuse_standby(connection)))
        });
    Database::connect(options).await
}

/// What the session is told as it begins.
fn session(options: PgConnectOptions, settings: &Settings) -> PgConnectOptions {
    let mut options = match options.get_application_name() {
        // The URL's own wins.
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
    // They are dropped in any case; a farewell that fails changes nothing.
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

/// The locks that writers hold are shown by the primary only.
async fn refuse_standby(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let standby: bool = sqlx::query_scalar("SELECT pg_is_in_recovery()")
        .fetch_one(connection)
        .await?;
    if standby {
        return Err(sqlx::Error::Configuration(
            "this server is a standby; use the URL of the primary".into(),
        ));
    }
    Ok(())
}

/// Whether a lock that one connection holds is refused to the other, and shown to it.
///
/// The functions are not qualified on purpose: whatever they mean for this database is tried.
async fn takes_advisory_locks(
    one: &mut PgConnection,
    other: &mut PgConnection,
) -> Result<bool, sqlx::Error> {
    // Of our own, so that servers that start at once are not in each other's way.
    let number = getrandom::u32().unwrap_or_default().cast_signed();
    // In transactions, which a pooler leaves on one connection each.
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

fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}
