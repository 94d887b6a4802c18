//! A network between a server and PostgreSQL that fails like real ones: it goes silent, loses connections, is slow,
//! or leads to another machine.
//!
//! In silence, bytes are swallowed and nothing is closed, as when a firewall has forgotten a connection or a cable is
//! cut. A connection that has gone silent stays silent.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Database, flights::Flights};

/// Chunks of 16 KiB in flight in each direction of a slow connection.
const ON_THE_WAY: usize = 64;
/// How much of the server's output is kept per connection.
const KEPT: usize = 1 << 20;

/// The direction in which bytes travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    ToDatabase,
    FromDatabase,
}

pub const BOTH: [Direction; 2] = [Direction::ToDatabase, Direction::FromDatabase];

/// A network. It ends with this handle, together with all its connections.
pub struct Network {
    address: SocketAddr,
    state: Arc<State>,
    accepting: AbortHandle,
}

struct State {
    target: Mutex<SocketAddr>,
    swallows_new: AtomicBool,
    /// In milliseconds, by direction.
    delays: [AtomicU64; 2],
    lines: Mutex<Vec<Arc<Line>>>,
}

/// One connection.
#[derive(Default)]
pub struct Line {
    /// 0 while there is no connection to the database.
    port: AtomicU16,
    said: Mutex<Vec<u8>>,
    /// What the server asks, and how often it has asked.
    flights: Mutex<(Flights, u64)>,
    silent: [AtomicBool; 2],
    cut: CancellationToken,
}

impl Network {
    /// A network that leads to the PostgreSQL of `database`.
    pub async fn to(database: &Database) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State {
            target: Mutex::new(address_of(database)),
            swallows_new: AtomicBool::new(false),
            delays: Default::default(),
            lines: Mutex::default(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state))).abort_handle();
        Self {
            address,
            state,
            accepting,
        }
    }

    /// The URL of `database`, through this network.
    pub fn url(&self, database: &Database) -> String {
        let mut url = Url::parse(&database.url()).expect("a URL");
        url.set_port(Some(self.address.port())).expect("a host");
        url.into()
    }

    /// Silences the open connections that match, in these directions. Returns how many there were.
    pub fn silence(&self, directions: &[Direction], which: impl Fn(&Line) -> bool) -> usize {
        let lines = self.open(which);
        for line in &lines {
            for &direction in directions {
                line.silent[direction as usize].store(true, Relaxed);
            }
        }
        lines.len()
    }

    /// Silences everything: the open connections, and new ones until [`recover`](Self::recover).
    pub fn go_silent(&self) {
        self.state.swallows_new.store(true, Relaxed);
        self.silence(&BOTH, |_| true);
    }

    /// Lets new connections work again.
    pub fn recover(&self) {
        self.state.swallows_new.store(false, Relaxed);
    }

    /// Closes all open connections.
    pub fn cut(&self) {
        self.cut_those(|_| true);
    }

    /// Closes the open connections that match.
    pub fn cut_those(&self, which: impl Fn(&Line) -> bool) {
        for line in self.open(which) {
            line.cut.cancel();
        }
    }

    /// How often the server has asked something on the open connections that match.
    pub fn flights(&self, which: impl Fn(&Line) -> bool) -> u64 {
        let lines = self.open(which);
        let counts = lines.iter().map(|line| line.flights().1);
        counts.sum()
    }

    /// Makes new connections lead to the PostgreSQL of `database`.
    pub fn lead_to(&self, database: &Database) {
        *self.state.target.lock().expect("no panic") = address_of(database);
    }

    /// Delays everything in this direction from now on.
    pub fn delay(&self, direction: Direction, by: Duration) {
        let by = u64::try_from(by.as_millis()).expect("a short time");
        self.state.delays[direction as usize].store(by, Relaxed);
    }

    /// The open connections that match.
    fn open(&self, which: impl Fn(&Line) -> bool) -> Vec<Arc<Line>> {
        let mut lines = self.state.lines.lock().expect("no panic");
        lines.retain(|line| !line.cut.is_cancelled());
        lines.iter().filter(|line| which(line)).cloned().collect()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Line {
    /// The port that the database sees: `client_port` in `pg_stat_activity`.
    pub fn port(&self) -> u16 {
        self.port.load(Relaxed)
    }

    /// Whether the server has sent this on it.
    pub fn said(&self, text: &str) -> bool {
        let said = self.said.lock().expect("no panic");
        said.windows(text.len()).any(|it| it == text.as_bytes())
    }

    fn is_silent(&self, direction: Direction) -> bool {
        self.silent[direction as usize].load(Relaxed)
    }

    fn flights(&self) -> MutexGuard<'_, (Flights, u64)> {
        self.flights.lock().expect("no panic")
    }

    fn hear(&self, bytes: &[u8]) {
        let (flights, count) = &mut *self.flights();
        *count += flights.count(bytes);
        let mut said = self.said.lock().expect("no panic");
        if said.len() < KEPT {
            said.extend(bytes);
        }
    }
}

fn address_of(database: &Database) -> SocketAddr {
    let url = Url::parse(&database.url()).expect("a URL");
    let addresses = url.socket_addrs(|| Some(5432)).expect("an address");
    addresses[0]
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let line = Arc::<Line>::default();
        state
            .lines
            .lock()
            .expect("no panic")
            .push(Arc::clone(&line));
        if state.swallows_new.load(Relaxed) {
            for silent in &line.silent {
                silent.store(true, Relaxed);
            }
        }
        let state = Arc::clone(&state);
        connections.spawn(async move {
            let cut = line.cut.clone();
            // A connection that ends by itself is closed here, too, and then removed.
            let _guard = line.cut.clone().drop_guard();
            tokio::select! {
                () = cut.cancelled() => {}
                () = connect(client, line, state) => {}
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn connect(client: TcpStream, line: Arc<Line>, state: Arc<State>) {
    // A host that is gone: connecting to it is not even answered.
    if line.is_silent(Direction::ToDatabase) {
        return swallow(client).await;
    }
    let target = *state.target.lock().expect("no panic");
    let Ok(database) = TcpStream::connect(target).await else {
        return;
    };
    for stream in [&client, &database] {
        let _ = stream.set_nodelay(true);
    }
    let port = database.local_addr().map_or(0, |address| address.port());
    line.port.store(port, Relaxed);
    let (from_client, to_client) = client.into_split();
    let (from_database, to_database) = database.into_split();
    let (there, back) = (Direction::ToDatabase, Direction::FromDatabase);
    // When one direction ends, so does the other: neither side closes only half.
    tokio::select! {
        () = carry(from_client, to_database, there, &line, &state) => {}
        () = carry(from_database, to_client, back, &line, &state) => {}
    }
}

/// Carries bytes in one direction until the connection ends. In silence it never does.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    direction: Direction,
    line: &Line,
    state: &State,
) {
    let (sender, mut chunks) = mpsc::channel::<(Instant, Vec<u8>)>(ON_THE_WAY);
    let read = async move {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            if direction == Direction::ToDatabase {
                line.hear(&buffer[..read]);
            }
            let delay = state.delays[direction as usize].load(Relaxed);
            let due = Instant::now() + Duration::from_millis(delay);
            if sender.send((due, buffer[..read].to_vec())).await.is_err() {
                break;
            }
        }
    };
    let write = async move {
        while let Some((due, chunk)) = chunks.recv().await {
            sleep_until(due).await;
            let lost = line.is_silent(direction);
            if !lost && to.write_all(&chunk).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(read, write);
    if line.is_silent(direction) {
        // The other side does not learn that it was closed.
        std::future::pending::<()>().await;
    }
}

async fn swallow(mut client: TcpStream) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(1..) = client.read(&mut buffer).await {}
}
