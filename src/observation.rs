//! Starts the log, and in builds that have them the traces of requests.

use std::io::{self, IsTerminal as _};

use dotcast::{
    cli::{Cli, Command, LogFormat},
    config::log_filter::LogFilter,
    log_lines::Lines,
};
use tracing_subscriber::{
    Layer as _, Registry, fmt, layer::SubscriberExt as _, reload, util::SubscriberInitExt as _,
};

use crate::Failure;

#[cfg(feature = "otlp")]
type Traces = dotcast::traces::Traces;
/// This build has none.
#[cfg(not(feature = "otlp"))]
type Traces = std::convert::Infallible;

type BoxedLayer = Box<dyn tracing_subscriber::Layer<Registry> + Send + Sync>;

/// Starts both. Returns what sets another filter of log lines, and what sends traces until it is dropped.
///
/// # Errors
/// If a setting of the traces is malformed.
pub(crate) fn start(cli: &Cli) -> Result<(impl Fn(&LogFilter) + use<>, Option<Traces>), Failure> {
    let traces = traces(cli)?;
    let (filter, handle) = reload::Layer::new(cli.log.build());
    // By default a failed log write is reported to the same closed stream, which panics. Losing whoever reads the log
    // must not stop the server.
    let lines = fmt::layer().log_internal_errors(false);
    let lines = match cli.log_format {
        LogFormat::Text => lines
            .with_ansi(io::stderr().is_terminal())
            .with_writer(Lines)
            .boxed(),
        // Each value is escaped, and those that clients choose are bounded where they are logged.
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_writer(io::stderr)
            .boxed(),
    };
    tracing_subscriber::registry()
        .with(traces.as_ref().map(layer))
        .with(lines.with_filter(filter))
        .init();
    #[cfg(not(feature = "otlp"))]
    if matches!(cli.command, Command::Serve(_))
        && std::env::var_os("OTEL_EXPORTER_OTLP_ENDPOINT").is_some_and(|it| !it.is_empty())
    {
        tracing::warn!(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but this build sends no traces; build with `--features otlp`"
        );
    }
    // Fails only when there is no log any more.
    let set_filter = move |new: &LogFilter| drop(handle.reload(new.build()));
    Ok((set_filter, traces))
}

#[cfg(feature = "otlp")]
fn traces(cli: &Cli) -> Result<Option<Traces>, Failure> {
    let collector = match &cli.command {
        Command::Serve(options) => options.otlp_endpoint.as_ref(),
        _ => None,
    };
    let traces = collector.map(Traces::start).transpose();
    traces.map_err(|error| Failure {
        code: 2,
        message: format!("cannot send traces: {error}"),
    })
}

#[cfg(feature = "otlp")]
fn layer(traces: &Traces) -> BoxedLayer {
    traces.layer().boxed()
}

#[cfg(not(feature = "otlp"))]
#[allow(clippy::unnecessary_wraps, reason = "other builds may fail here")]
fn traces(_: &Cli) -> Result<Option<Traces>, Failure> {
    Ok(None)
}

#[cfg(not(feature = "otlp"))]
fn layer(traces: &Traces) -> BoxedLayer {
    match *traces {}
}
