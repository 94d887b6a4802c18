//! The `dotcast` program: reads the command line and calls the library.

mod admin;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod allocator;

use std::{
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};

use dotcast::{
    api::document,
    app::App,
    cli::{Cli, Command, DocumentFormat, LogCommand},
    client,
    config::ServeOptions,
    error::Error,
    log_lines::Lines,
};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// How many local tasks a worker runs before it polls the global queue. SQLite's answers arrive through that
/// queue, and every writer is waiting for one; they must not sit behind requests that have only just started.
const GLOBAL_QUEUE_INTERVAL: u32 = 3;

/// Why the program failed, as its caller is told.
#[derive(Debug)]
struct Failure {
    /// 2 if the command line asks for something impossible, otherwise 1.
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
    // Before any threads exist.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    let gives_back = allocator::give_memory_back();
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
        .with_writer(Lines)
        .with_ansi(io::stderr().is_terminal())
        // By default a failed log write is reported to the same closed stream, which panics. Losing whoever
        // reads the log must not stop the server.
        .log_internal_errors(false)
        .init();
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
        Command::Migrate { database, action } => admin::migrate(&database, action).await,
        Command::Openapi { format } => {
            let document = document::document();
            let text = match format {
                DocumentFormat::Json => document::to_json(&document),
                DocumentFormat::Yaml => document::to_yaml(&document)?,
            };
            print(&text);
            Ok(())
        }
        Command::User(command) => admin::user::run(command).await,
        Command::Tail(options) => follow(options).await,
        Command::Trim {
            database,
            older_than,
        } => admin::trim(&database, older_than).await,
        Command::Log(LogCommand::Break { through, database }) => {
            admin::record_break(&database, through).await
        }
        Command::Backup { file, database } => admin::back_up(&file, &database).await,
        Command::Restore { file, database } => admin::put_back(&file, &database).await,
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

async fn follow(options: client::TailOptions) -> Result<(), Failure> {
    let stop = stop_signal()?;
    let followed = tokio::select! {
        () = stop => return Ok(()),
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

/// Prints to standard output. It does not matter whether anybody reads it.
fn print(text: &str) -> ExitCode {
    let mut output = io::stdout();
    let _ = output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush());
    ExitCode::SUCCESS
}
