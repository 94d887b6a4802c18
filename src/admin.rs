//! Commands for operators. They work on the database directly, without a server.

pub(crate) mod consumers;
pub(crate) mod user;

use std::{path::Path, time::Duration};

use dotcast::{
    app::StartError,
    backup::{self, restore::Restored},
    cli::MigrateAction,
    config::DatabaseOptions,
    db::{self, Db, Schema, url::DatabaseUrl},
};
use dotcast_log::{EventId, breaks, read::Log, retention, vital::Vital};
use sea_orm::DbErr;
use serde_json::json;

use crate::{Failure, print, stop_signal};

pub(crate) async fn migrate(
    database: &DatabaseOptions,
    action: MigrateAction,
) -> Result<(), Failure> {
    let db = match action {
        MigrateAction::Up => connect(database).await?,
        MigrateAction::Status => open_as_it_is(database).await?.0,
    };
    match action {
        MigrateAction::Up => {
            for name in db.migrate().await? {
                print(&format!("applied {name}\n"))?;
            }
            print("the database is up to date\n")?;
        }
        MigrateAction::Status => {
            let schema = db.schema().await?;
            let names = [
                ("applied", schema.applied),
                ("pending", schema.pending),
                ("unknown", schema.unknown),
            ];
            for (state, names) in names {
                for name in names {
                    print(&format!("{state} {name}\n"))?;
                }
            }
        }
    }
    Ok(db.close().await?)
}

pub(crate) async fn trim(database: &DatabaseOptions, older_than: Duration) -> Result<(), Failure> {
    let db = open(database).await?;
    let settled = Log::new(db.log_store().reader()).begin().await?.settled;
    let deleted = retention::trim(&db.log_store(), older_than, settled).await?;
    db.close().await?;
    print(&format!("deleted {deleted} events\n"))
}

/// Under the names of `GET /api/v1/admin/log`, as far as a database knows them.
pub(crate) async fn log_state(as_json: bool, database: &DatabaseOptions) -> Result<(), Failure> {
    let db = open(database).await?;
    let log = Log::new(db.log_store().reader());
    let extent = log.extent().await?;
    let breaks = log.breaks().await?;
    db.close().await?;
    if as_json {
        let breaks: Vec<_> = breaks
            .iter()
            .map(|it| json!({ "first_id": it.first, "last_id": it.last }))
            .collect();
        return print(&format!(
            "{}\n",
            json!({
                "oldest_id": extent.oldest,
                "newest_id": extent.newest,
                "trimmed_through": extent.trimmed_through,
                "breaks": breaks,
            })
        ));
    }
    print(&format!(
        "oldest event     {}\nnewest event     {}\ntrimmed through  {}\n",
        extent.oldest, extent.newest, extent.trimmed_through
    ))?;
    for it in breaks {
        print(&format!("lost             {} to {}\n", it.first, it.last))?;
    }
    Ok(())
}

pub(crate) async fn record_break(
    database: &DatabaseOptions,
    through: Option<EventId>,
) -> Result<(), Failure> {
    let db = open(database).await?;
    let ids = breaks::record(&db, None, through)
        .await
        .map_err(not_recorded)?;
    db.close().await?;
    print(&format!("{}\n", breaks::told(&ids)))
}

fn not_recorded(error: DbErr) -> Failure {
    Failure {
        code: 1,
        message: match error {
            DbErr::Custom(reason) => reason,
            error => format!(
                "cannot record the break: {error}; stop everything that writes to the log and try again"
            ),
        },
    }
}

pub(crate) async fn back_up(file: &Path, database: &DatabaseOptions) -> Result<(), Failure> {
    let url = &database.database_url;
    let failed = |source| StartError::database(url, source);
    if !db::is_there(url).await.map_err(failed)? {
        return Err(no_database(url));
    }
    let newest = until_stopped(backup::save::save(url, file)).await?;
    print(&format!("saved {} up to event {newest}\n", file.display()))
}

pub(crate) async fn put_back(file: &Path, database: &DatabaseOptions) -> Result<(), Failure> {
    let url = &database.database_url;
    let Restored {
        newest,
        lost,
        doubt,
    } = until_stopped(backup::restore::restore(url, file)).await?;
    print(&format!("restored {url} up to event {newest}\n"))?;
    if let Some(doubt) = doubt {
        print(&format!(
            "{doubt}, so the ids that were given out are unknown: skipping more than can have been used\n"
        ))?;
    }
    if let Some(ids) = lost {
        print(&format!("{}\n", breaks::told(&ids)))?;
    }
    Ok(())
}

/// A signal stops the work, which then deletes what it has written so far.
async fn until_stopped<T>(
    work: impl Future<Output = Result<T, backup::Error>>,
) -> Result<T, Failure> {
    let stop = stop_signal()?;
    tokio::select! {
        () = stop => Err(Failure {
            code: 1,
            message: "stopped before anything was changed".to_owned(),
        }),
        done = work => done.map_err(|error| Failure {
            code: error.exit_code(),
            message: error.to_string(),
        }),
    }
}

/// The database of an administrative command, with its schema up to date.
async fn open(database: &DatabaseOptions) -> Result<Db, Failure> {
    let (db, schema) = open_as_it_is(database).await?;
    if schema.pending.is_empty() {
        return Ok(db);
    }
    Err(Failure {
        code: 1,
        message: format!(
            "the database lacks the migrations {}; run `dotcast migrate up` first",
            schema.pending.join(", ")
        ),
    })
}

/// The database at whatever schema version. It must exist: only a few commands create one.
async fn open_as_it_is(database: &DatabaseOptions) -> Result<(Db, Schema), Failure> {
    let url = &database.database_url;
    let failed = |source| StartError::database(url, source);
    if !db::is_there(url).await.map_err(failed)? {
        return Err(no_database(url));
    }
    let db = connect(database).await?;
    let schema = db.schema().await.map_err(failed)?;
    if schema.applied.is_empty() && schema.unknown.is_empty() {
        return Err(no_database(url));
    }
    Ok((db, schema))
}

fn no_database(url: &DatabaseUrl) -> Failure {
    Failure {
        code: 2,
        message: format!("there is no database at {url}; create one with `dotcast migrate up`"),
    }
}

/// Opens the database as it is. The error names the database.
async fn connect(database: &DatabaseOptions) -> Result<Db, StartError> {
    let url = &database.database_url;
    Db::connect(url, &database.settings(), &Vital::default())
        .await
        .map_err(|source| StartError::database(url, source))
}
