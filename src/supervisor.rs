//! What a supervisor such as systemd is told about the server: that it is ready, reads its configuration again, stops,
//! and is alive. The protocol is that of `sd_notify(3)`: datagrams to the socket that `NOTIFY_SOCKET` names.

use std::{
    env,
    ffi::OsStr,
    future, io,
    os::unix::net::{SocketAddr, UnixDatagram},
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};
use tokio::time::{interval, sleep};
use tokio_util::sync::CancellationToken;

/// Pause between two attempts to become ready.
const PAUSE: Duration = Duration::from_millis(100);
/// Upper bound on the wait for room in the supervisor's socket. A message that finds none is lost, and logged.
const SEND_TIMEOUT: Duration = Duration::from_secs(1);

/// Whoever started the server, if it wants to be told. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Supervisor {
    socket: Option<Arc<UnixDatagram>>,
    /// How long it waits for a sign of life before it restarts the server.
    watchdog: Option<Duration>,
    /// Whether it was told that the server is ready.
    was_ready: Arc<AtomicBool>,
}

impl Supervisor {
    /// The supervisor that `NOTIFY_SOCKET` and `WATCHDOG_USEC` name. A socket that cannot be used is logged: the server
    /// does its work without.
    pub fn from_environment() -> Self {
        let Some(name) = env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty()) else {
            return Self::default();
        };
        let socket = match connect(&name) {
            Ok(socket) => Some(Arc::new(socket)),
            Err(error) => {
                tracing::warn!(%error, "cannot reach the supervisor at NOTIFY_SOCKET");
                None
            }
        };
        Self {
            socket,
            watchdog: watchdog(),
            was_ready: Arc::default(),
        }
    }

    /// Says that the configuration is being read again, until [`reloaded`](Self::reloaded).
    pub fn reloading(&self) {
        if self.was_ready.load(Ordering::Relaxed) {
            let now = clock_gettime(ClockId::Monotonic);
            let micros = now.tv_sec * 1_000_000 + now.tv_nsec / 1_000;
            self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
        }
    }

    /// Says that the configuration has been read again.
    pub fn reloaded(&self) {
        if self.was_ready.load(Ordering::Relaxed) {
            self.tell("READY=1");
        }
    }

    /// Says when the server is ready, from then on that it is alive, and in the end that it stops. `check` finds out
    /// whether it is ready.
    pub async fn attend<R: Future<Output = bool>>(
        self,
        check: impl Fn() -> R,
        pulse: Pulse<impl Fn() -> u64>,
        stop: CancellationToken,
    ) {
        if self.socket.is_none() {
            return;
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = self.watch(check, pulse) => {}
        }
        self.tell("STOPPING=1");
    }

    async fn watch<R: Future<Output = bool>>(
        &self,
        check: impl Fn() -> R,
        mut pulse: Pulse<impl Fn() -> u64>,
    ) {
        while !check().await {
            sleep(PAUSE).await;
        }
        self.was_ready.store(true, Ordering::Relaxed);
        self.tell("READY=1");
        let Some(watchdog) = self.watchdog else {
            return future::pending().await;
        };
        // As sd_watchdog_enabled(3) recommends. That this task runs shows that the event loop turns.
        let mut beats = interval(watchdog / 2);
        let mut was_alive = true;
        loop {
            beats.tick().await;
            let is_alive = pulse.is_alive(Instant::now());
            if is_alive {
                self.tell("WATCHDOG=1");
            } else if was_alive {
                tracing::error!(
                    "the poller of the event log does not move; the supervisor is left to restart the server"
                );
            }
            was_alive = is_alive;
        }
    }

    fn tell(&self, message: &str) {
        let Some(socket) = &self.socket else {
            return;
        };
        if let Err(error) = socket.send(message.as_bytes()) {
            let message = message.lines().next();
            tracing::warn!(%error, message, "cannot tell the supervisor");
        }
    }
}

fn connect(name: &OsStr) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.connect_addr(&address(name)?)?;
    socket.set_write_timeout(Some(SEND_TIMEOUT))?;
    Ok(socket)
}

/// A path or, after `@`, a name that is in no directory.
fn address(name: &OsStr) -> io::Result<SocketAddr> {
    #[cfg(target_os = "linux")]
    if let Some(name) = name.as_encoded_bytes().strip_prefix(b"@") {
        use std::os::linux::net::SocketAddrExt as _;
        return SocketAddr::from_abstract_name(name);
    }
    SocketAddr::from_pathname(name)
}

/// The supervisor's patience, unless it is about another process.
fn watchdog() -> Option<Duration> {
    let number = |name| env::var(name).ok()?.parse::<u64>().ok();
    let is_other = number("WATCHDOG_PID").is_some_and(|id| id != u64::from(process::id()));
    let micros = number("WATCHDOG_USEC").filter(|&micros| micros > 0 && !is_other)?;
    Some(Duration::from_micros(micros))
}

/// Whether something that counts its turns goes on turning.
#[derive(Debug)]
pub struct Pulse<F> {
    turns: F,
    /// Upper bound on the time that a turn may take.
    patience: Duration,
    seen: (u64, Instant),
}

impl<F: Fn() -> u64> Pulse<F> {
    /// Of something that has counted `turns` so far, and needs at most `patience` for the next.
    pub fn new(turns: F, patience: Duration) -> Self {
        Self {
            seen: (turns(), Instant::now()),
            turns,
            patience,
        }
    }

    fn is_alive(&mut self, now: Instant) -> bool {
        let turns = (self.turns)();
        if turns != self.seen.0 {
            self.seen = (turns, now);
        }
        now.duration_since(self.seen.1) <= self.patience
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn it_is_told_that_the_server_is_ready_once_it_is() {
        let (socket, other) = UnixDatagram::pair().unwrap();
        let supervisor = Supervisor {
            socket: Some(Arc::new(socket)),
            ..Supervisor::default()
        };
        supervisor.reloading();
        supervisor.reloaded();
        let (checks, stop) = (Cell::new(0), CancellationToken::new());
        let check = async || {
            checks.set(checks.get() + 1);
            checks.get() > 2
        };
        let attending = supervisor
            .clone()
            .attend(check, Pulse::new(|| 0, PAUSE), stop.clone());
        let stopping = async {
            while !supervisor.was_ready.load(Ordering::Relaxed) {
                sleep(Duration::from_millis(1)).await;
            }
            stop.cancel();
        };
        tokio::join!(attending, stopping);
        assert_eq!(checks.get(), 3);
        let mut buffer = [0; 64];
        for expected in ["READY=1", "STOPPING=1"] {
            let length = other.recv(&mut buffer).unwrap();
            assert_eq!(&buffer[..length], expected.as_bytes());
        }
    }

    #[test]
    fn what_has_stopped_turning_is_not_alive() {
        let patience = Duration::from_secs(10);
        let turns = Cell::new(7);
        let mut pulse = Pulse::new(|| turns.get(), patience);
        let mut now = Instant::now();
        for _ in 0..3 {
            now += patience;
            turns.set(turns.get() + 1);
            assert!(pulse.is_alive(now));
        }
        assert!(pulse.is_alive(now + patience));
        let later = now + patience + Duration::from_millis(1);
        assert!(!pulse.is_alive(later));
        turns.set(turns.get() + 1);
        assert!(pulse.is_alive(later), "it turns again");
    }
}
