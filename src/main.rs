//! The `dotcast` program: reads the command line and calls the library.

mod admin;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod allocator;
mod observation;

use std::{
    future,
    io::{self, Write as _},
    process::ExitCode,
    sync::Arc,
};

use dotcast::{
    api::document,
    app::{App, StartError},
    cli::{Cli, Command, ConfigCommand, DocumentFormat, DocumentVersion, LogCommand, manual},
    client,
    config::{ServeOptions, log_filter::LogFilter},
    error::Error,
    healthcheck,
    http::tls::Tls,
    supervisor::Supervisor,
};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How many local tasks a worker runs before it polls the global queue. When many wait for SQLite, its answers arrive
/// through that queue; they must not sit behind requests that have only just started.
const GLOBAL_QUEUE_INTERVAL: u32 = 3;

/// Why the program failed, as its caller is told.
#[derive(Debug)]
struct Failure {
    /// 2 if the command line asks for something impossible, otherwise 1.
    code: u8,
    message: String,
}

impl Failure {
    fn tell(&self) -> ExitCode {
        eprintln!("error: {}", self.message);
        ExitCode::from(self.code)
    }
}

impl<E: std::error::Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let started = (&error as &dyn std::error::Error).downcast_ref::<StartError>();
        Self {
            code: started.map_or(1, StartError::exit_code),
            message: error.to_string(),
        }
    }
}

fn main() -> ExitCode {
    // Before any threads exist.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    let gives_back = allocator::give_memory_back();
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(refusal) => return ExitCode::from(refusal.tell()),
    };
    // To its last line the program is observed.
    let (set_filter, _traces) = match observation::start(&cli) {
        Ok(started) => started,
        Err(failure) => return failure.tell(),
    };
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    if let Err(error) = gives_back {
        tracing::debug!(%error, "freed memory is returned to the system only while the program allocates");
    }
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
    match runtime.block_on(run(cli, &set_filter)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

/// `set_filter` changes which log lines are written.
async fn run(cli: Cli, set_filter: &impl Fn(&LogFilter)) -> Result<(), Failure> {
    match cli.command {
        Command::Serve(options) => serve(options, set_filter).await,
        Command::Config(ConfigCommand::Check(options)) => {
            // As the server would at its start.
            Tls::configured(&options.listening).map_err(StartError::from)?;
            print(&cli.in_force.to_string())
        }
        Command::Migrate { database, action } => admin::migrate(&database, action).await,
        Command::Openapi { version, format } => {
            let document = match version {
                DocumentVersion::V3_0 => document::document(),
                DocumentVersion::V3_2 => document::document_3_2(),
            };
            let text = match format {
                DocumentFormat::Json => document::to_json(&document),
                DocumentFormat::Yaml => document::to_yaml(&document),
            };
            print(&text)
        }
        Command::User(command) => admin::user::run(command).await,
        Command::Tail(options) => follow(options).await,
        Command::Healthcheck(options) => {
            let server = healthcheck::run(options).await?;
            print(&format!("{server} is ready\n"))
        }
        Command::Trim {
            database,
            older_than,
        } => admin::trim(&database, older_than).await,
        Command::Log(LogCommand::State { json, database }) => {
            admin::log_state(json, &database).await
        }
        Command::Log(LogCommand::Break { through, database }) => {
            admin::record_break(&database, through).await
        }
        Command::Consumers { json, database } => admin::consumers::list(json, &database).await,
        Command::Backup { file, database } => admin::back_up(&file, &database).await,
        Command::Restore { file, database } => admin::put_back(&file, &database).await,
        Command::Completions { shell } => print(&manual::completions(shell)),
        Command::Man { out: None } => print(&manual::page()?),
        Command::Man { out: Some(out) } => manual::write_pages(&out).map_err(|error| Failure {
            code: 1,
            message: format!("cannot write to {}: {error}", out.display()),
        }),
    }
}

async fn serve(options: ServeOptions, set_filter: &impl Fn(&LogFilter)) -> Result<(), Failure> {
    let shutdown = stop_signal()?;
    // Caught from here on: by default it would end the process.
    let hangups = listen(SignalKind::hangup())?;
    let supervisor = Supervisor::from_environment();
    let app = App::start(options).await?;
    let url = format!("{}://{}", app.scheme(), app.address()?);
    let metrics = match app.metrics_address()? {
        Some(address) => format!("http://{address}"),
        None => url.clone(),
    };
    // The server works just as well if nobody reads this.
    let _ = write(&format!(
        "dotcast {} listens on {url}\n\
         \x20 page      {url}/\n\
         \x20 API       {url}/docs\n\
         \x20 stream    {url}/sse/notifications/\n\
         \x20 metrics   {metrics}/metrics\n\
         Follow it with\n\
         \x20 curl -N {url}/sse/notifications/\n",
        env!("CARGO_PKG_VERSION"),
    ));
    let tls = app.tls();
    tokio::select! {
        ended = app.run(shutdown, supervisor.clone()) => Ok(ended?),
        () = reload(hangups, tls, set_filter, supervisor) => Ok(()),
    }
}

/// Reads again at each SIGHUP what may have changed outside: the certificate, and in the configuration file the log's
/// filter.
async fn reload(
    mut hangups: Signal,
    tls: Option<Arc<Tls>>,
    set_filter: &impl Fn(&LogFilter),
    supervisor: Supervisor,
) {
    while hangups.recv().await.is_some() {
        supervisor.reloading();
        tracing::info!("SIGHUP: reading the certificate and the log filter again");
        match Cli::read(std::env::args_os()) {
            Ok(cli) => set_filter(&cli.log),
            Err(refusal) => tracing::error!(%refusal, "keeping the log filter as it was"),
        }
        if let Some(tls) = &tls {
            tls.reload();
        }
        supervisor.reloaded();
    }
    future::pending::<()>().await;
}

async fn follow(options: client::TailOptions) -> Result<(), Failure> {
    let stop = stop_signal()?;
    let followed = tokio::select! {
        () = stop => return Ok(()),
        () = client::reader_gone(io::stdout()) => return Ok(()),
        followed = client::run(options, io::stdout()) => followed,
    };
    match followed {
        // The reader of our output has closed it, as in `dotcast tail | head`.
        Err(client::TailError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            Ok(())
        }
        other => Ok(other?),
    }
}

/// Completes at SIGTERM or SIGINT.
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, Error> {
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn listen(kind: SignalKind) -> Result<Signal, Error> {
    signal(kind).map_err(|error| Error::Internal(format!("signals: {error}")))
}

/// Prints to standard output. A reader that has closed it has read enough.
fn print(text: &str) -> Result<(), Failure> {
    match write(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure {
            code: 1,
            message: format!("cannot write: {error}"),
        }),
        _ => Ok(()),
    }
}

fn write(text: &str) -> io::Result<()> {
    let mut output = io::stdout();
    output.write_all(text.as_bytes())?;
    output.flush()
}
