//! The `dotcast` program: reads the command line and calls the library.

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
};

use dotcast::{
    api::document,
    app::{App, StartError},
    backup::{self, restore::Restored},
    cli::{Cli, Command, DocumentFormat, LogCommand, MigrateAction, UserCommand},
    client,
    config::{DatabaseOptions, ServeOptions},
    db::{self, Db, Schema, url::DatabaseUrl},
    error::Error,
    events::{breaks, log::Log, poller, retention},
    users::{Credentials, Users},
};
use sea_orm::DbErr;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// So many tasks are run before those are looked at that were woken from outside of the runtime. It is the
/// database's answers that come from outside, on SQLite, and everybody who writes waits for them: they
/// must not wait for requests that have only begun.
const GLOBAL_QUEUE_INTERVAL: u32 = 3;

/// Why the program failed, for the one who called it.
#[derive(Debug)]
struct Failure {
    /// 2 when the command line asks for what cannot be, else 1.
    code: u8,
    message: String,
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self {
            code: 1,
            message: error.to_string(),
        }
    }
}

fn main() -> ExitCode {
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(code) => return ExitCode::from(code),
    };
    let filter = match EnvFilter::try_new(&cli.log) {
        Ok(filter) => filter,
        Err(error) => {
            eprintln!(
                "error: invalid value '{}' for '--log' (or RUST_LOG): {error}",
                cli.log
            );
            return ExitCode::from(2);
        }
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        // Otherwise a line that cannot be written is told where it could not be written, which panics:
        // whoever reads the log may go, and the server shall go on.
        .log_internal_errors(false)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .global_queue_interval(GLOBAL_QUEUE_INTERVAL)
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, message }) => {
            eprintln!("error: {message}");
            ExitCode::from(code)
        }
    }
}

async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(options) => serve(options).await,
        Command::Migrate { database, action } => migrate(&database, action).await,
        Command::Openapi { format } => {
            let document = document::document();
            let text = match format {
                DocumentFormat::Json => document::to_json(&document),
                DocumentFormat::Yaml => document::to_yaml(&document)?,
            };
            print(&text);
            Ok(())
        }
        Command::User(UserCommand::Add {
            name,
            admin,
            database,
        }) => {
            let db = open(&database).await?;
            let credentials = Credentials {
                username: name,
                password: read_password()?,
            };
            let user = Users::new(db.clone()).register(credentials, admin).await?;
            db.close().await?;
            let kind = if admin { "administrator" } else { "user" };
            print(&format!("registered the {kind} {}\n", user.username));
            Ok(())
        }
        Command::User(UserCommand::Passwd { name, database }) => {
            let db = open(&database).await?;
            let password = read_password()?;
            Users::new(db.clone()).set_password(&name, password).await?;
            db.close().await?;
            print(&format!(
                "set a new password for {name} and ended their sessions\n"
            ));
            Ok(())
        }
        Command::Tail(options) => follow(options).await,
        Command::Trim {
            database,
            older_than,
        } => {
            let db = open(&database).await?;
            let settled = poller::settle(&Log::new(db.clone())).await?.settled();
            let deleted = retention::trim(&db, older_than, settled).await?;
            db.close().await?;
            print(&format!("deleted {deleted} events\n"));
            Ok(())
        }
        Command::Log(LogCommand::Break { through, database }) => {
            let db = open(&database).await?;
            let ids = breaks::record(&db, None, through)
                .await
                .map_err(not_recorded)?;
            db.close().await?;
            print(&format!("{}\n", breaks::told(&ids)));
            Ok(())
        }
        Command::Backup { file, database } => back_up(&file, &database).await,
        Command::Restore { file, database } => put_back(&file, &database).await,
    }
}

async fn serve(options: ServeOptions) -> Result<(), Failure> {
    let shutdown = stop_signal()?;
    let app = App::start(options).await?;
    let url = format!("{}://{}", app.scheme(), app.address()?);
    print(&format!(
        "dotcast {} listens on {url}\n\
         \x20 page      {url}/\n\
         \x20 API       {url}/docs\n\
         \x20 stream    {url}/sse/notifications/\n\
         Follow it with\n\
         \x20 curl -N {url}/sse/notifications/\n",
        env!("CARGO_PKG_VERSION"),
    ));
    Ok(app.run(shutdown).await?)
}

async fn migrate(database: &DatabaseOptions, action: MigrateAction) -> Result<(), Failure> {
    let db = match action {
        MigrateAction::Up => connect(database).await?,
        MigrateAction::Status => open_as_it_is(database).await?.0,
    };
    match action {
        MigrateAction::Up => {
            for name in db.migrate().await? {
                print(&format!("applied {name}\n"));
            }
            print("the database is up to date\n");
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
                    print(&format!("{state} {name}\n"));
                }
            }
        }
    }
    Ok(db.close().await?)
}

fn not_recorded(error: DbErr) -> Failure {
    Failure {
        code: 1,
        message: match error {
            DbErr::Custom(reason) => reason,
            error => format!(
                "cannot record the break: {error}; stop what writes to the log, and try again"
            ),
        },
    }
}

async fn back_up(file: &Path, database: &DatabaseOptions) -> Result<(), Failure> {
    let url = &database.database_url;
    let failed = |source| StartError::database(url, source);
    if !db::is_there(url).await.map_err(failed)? {
        return Err(no_database(url));
    }
    let newest = until_stopped(backup::save::save(url, file)).await?;
    print(&format!("saved {} up to event {newest}\n", file.display()));
    Ok(())
}

async fn put_back(file: &Path, database: &DatabaseOptions) -> Result<(), Failure> {
    let url = &database.database_url;
    let Restored {
        newest,
        lost,
        doubt,
    } = until_stopped(backup::restore::restore(url, file)).await?;
    print(&format!("restored {url} up to event {newest}\n"));
    if let Some(doubt) = doubt {
        print(&format!(
            "{doubt}, so nobody knows which ids were given out: a million are skipped\n"
        ));
    }
    if let Some(ids) = lost {
        print(&format!("{}\n", breaks::told(&ids)));
    }
    Ok(())
}

/// Stopped by a signal, it deletes what it has begun.
async fn until_stopped<T>(
    work: impl Future<Output = Result<T, backup::Error>>,
) -> Result<T, Failure> {
    let stop = stop_signal()?;
    tokio::select! {
        () = stop => Err(Failure {
            code: 1,
            message: "stopped; nothing was changed".to_owned(),
        }),
        done = work => done.map_err(|error| Failure {
            code: error.exit_code(),
            message: error.to_string(),
        }),
    }
}

async fn follow(options: client::TailOptions) -> Result<(), Failure> {
    let stop = stop_signal()?;
    let followed = tokio::select! {
        () = stop => return Ok(()),
        followed = client::run(options, io::stdout()) => followed,
    };
    match followed {
        // Whoever read our output has enough, as in `dotcast tail | head`.
        Err(client::TailError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            Ok(())
        }
        other => Ok(other?),
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
            "the database lacks the migrations {}; run `dotcast migrate up`",
            schema.pending.join(", ")
        ),
    })
}

/// The database, whichever release has made it. It must be there: only few commands make one.
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
        message: format!("there is no database at {url}; `dotcast migrate up` makes one"),
    }
}

/// The database as it is; when it cannot be opened, the error says which one.
async fn connect(database: &DatabaseOptions) -> Result<Db, StartError> {
    let url = &database.database_url;
    Db::connect(url, &database.settings())
        .await
        .map_err(|source| StartError::database(url, source))
}

/// From the terminal, twice and without echo, or one line from standard input.
fn read_password() -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        let password = rpassword::prompt_password("Password: ")?;
        if password != rpassword::prompt_password("Again: ")? {
            return Err(Failure {
                code: 1,
                message: "the two passwords differ".to_owned(),
            });
        }
        return Ok(password);
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// Completes at SIGTERM or SIGINT.
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, Error> {
    let listen = |kind| signal(kind).map_err(|error| Error::Internal(format!("signals: {error}")));
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Prints to standard output. Whether somebody reads it is their affair.
fn print(text: &str) -> ExitCode {
    let mut output = io::stdout();
    let _ = output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush());
    ExitCode::SUCCESS
}
