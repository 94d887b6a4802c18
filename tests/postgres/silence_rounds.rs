//! A server's connections go silent again and again while others write and read: nothing is lost, nothing is doubled,
//! and the server goes on as soon as the network does.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{interval, sleep},
};

use super::sessions::{OURS, lock, ports};
use crate::harness::{
    Client, Cluster, Database, Network, Reader, Server, Writer, client, eventually, network::BOTH,
};

/// How often each kind of connection goes silent: twenty times in all.
const ROUNDS: [(Silence, usize); 3] = [
    (Silence::Poll, 8),
    (Silence::Listener, 7),
    (Silence::Everything, 5),
];
const WRITERS_PER_SERVER: usize = 2;
const READERS_PER_SERVER: usize = 3;

/// What goes silent.
#[derive(Clone, Copy, Debug)]
enum Silence {
    /// The connection that reads the log.
    Poll,
    /// The connection that listens for notifications.
    Listener,
    /// All open connections, and new ones until the network recovers.
    Everything,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_silences_under_load_lose_and_double_nothing() {
    let cluster = Cluster::start().await;
    let mut kinds = JoinSet::new();
    for (silence, rounds) in ROUNDS {
        let database = cluster.database().await;
        kinds.spawn(async move {
            let scene = Scene::start(database).await;
            for round in 1..=rounds {
                scene.go_through(silence, round).await;
            }
            scene.check().await;
        });
    }
    kinds.join_all().await;
}

/// Two servers on one database, one of them behind a network, with writers and readers on both.
struct Scene {
    database: Database,
    network: Network,
    /// Near and far.
    servers: [Server; 2],
    acknowledged: Arc<Mutex<Vec<i64>>>,
    enough: Arc<AtomicBool>,
    writers: JoinSet<()>,
    /// The newest event that a stream of the far server has shown.
    shown: Arc<AtomicI64>,
    /// The newest event, once it is known.
    end: watch::Sender<Option<i64>>,
    readers: JoinSet<Vec<i64>>,
}

impl Scene {
    async fn start(database: Database) -> Self {
        let network = Network::to(&database).await;
        let [direct, through] = [database.url(), network.url(&database)];
        let options = |url| {
            [
                "--database-url",
                url,
                "--database-timeout",
                "2s",
                "--poll-interval",
                "1s",
                "--keep-alive",
                "200ms",
                // What a silent connection has left open is for PostgreSQL itself to end.
                "--idle-in-transaction-timeout",
                "1s",
            ]
        };
        let servers = [
            Server::start_on(&database, &options(&direct)).await,
            Server::start_on(&database, &options(&through)).await,
        ];
        let mut scene = Self {
            database,
            network,
            servers,
            acknowledged: Arc::default(),
            enough: Arc::default(),
            writers: JoinSet::new(),
            shown: Arc::default(),
            end: watch::Sender::new(None),
            readers: JoinSet::new(),
        };
        scene.begin().await;
        scene
    }

    async fn begin(&mut self) {
        let user = self.servers[0].user("ada").await;
        for (index, server) in self.servers.iter().enumerate() {
            for number in 0..READERS_PER_SERVER {
                let reader = Reader::open(&server.url).await;
                assert_eq!(reader.last_id, 0);
                let shown = (index == 1 && number == 0).then(|| Arc::clone(&self.shown));
                self.readers
                    .spawn(follow(reader, shown, self.end.subscribe()));
            }
        }
        for server in &self.servers {
            for _ in 0..WRITERS_PER_SERVER {
                let mut user = user.clone();
                user.url.clone_from(&server.url);
                let acknowledged = Arc::clone(&self.acknowledged);
                let enough = Arc::clone(&self.enough);
                self.writers.spawn(write(user, acknowledged, enough));
            }
        }
    }

    #[expect(
        clippy::print_stdout,
        reason = "the times are worth seeing, with --nocapture"
    )]
    async fn go_through(&self, silence: Silence, round: usize) {
        let far = &self.servers[1];
        match silence {
            Silence::Poll => self.silence_the_poll().await,
            Silence::Listener => {
                let silenced = self.network.silence(&BOTH, |line| line.said("LISTEN "));
                assert!(silenced > 0);
                for line in ["no notifications", "hearing notifications again"] {
                    eventually(line, || async {
                        (far.log().matches(line).count() >= round).then_some(())
                    })
                    .await;
                }
            }
            Silence::Everything => {
                self.network.go_silent();
                eventually("that it is not ready", || async {
                    (far.client().get("/readyz").await.status == 503).then_some(())
                })
                .await;
                self.network.recover();
            }
        }
        let over = Instant::now();
        let mut writer = Writer::begin(&self.database).await;
        let id = writer.append().await;
        writer.commit().await;
        eventually("events", || async {
            (self.shown.load(Relaxed) >= id).then_some(())
        })
        .await;
        println!("{silence:?}: events flow after {:?}", over.elapsed());
        eventually("readiness", || async {
            (far.client().get("/readyz").await.status == 200).then_some(())
        })
        .await;
    }

    /// Silences the far server's connection that asks for new events, in the middle of the query.
    async fn silence_the_poll(&self) {
        let gate = lock(&self.database, "events").await;
        let waiting = format!("{OURS} AND wait_event_type = 'Lock' AND query NOT LIKE 'INSERT%'");
        eventually("the poll", || async {
            let waiting = ports(&self.database, &waiting).await;
            let silenced = self
                .network
                .silence(&BOTH, |line| waiting.contains(&line.port().into()));
            (silenced > 0).then_some(())
        })
        .await;
        gate.rollback().await.expect("rollback");
    }

    /// Asserts that every reader has seen every event, once and in order.
    async fn check(self) {
        self.enough.store(true, Relaxed);
        self.writers.join_all().await;
        let mut last = Writer::begin(&self.database).await;
        self.end.send_replace(Some(last.append().await));
        last.commit().await;
        let seen = self.readers.join_all().await;
        let committed = "SELECT id FROM events ORDER BY id";
        let committed: Vec<i64> = self.database.column(committed).await;
        for seen in seen {
            assert_eq!(seen, committed);
        }
        let boards = "SELECT topic FROM events WHERE type = 'newBoard'";
        let announced: Vec<i64> = self.database.column(boards).await;
        let boards: BTreeSet<_> = announced.iter().copied().collect();
        assert_eq!(boards.len(), announced.len(), "one event for each board");
        for board in self.acknowledged.lock().expect("no panic").iter() {
            assert!(boards.contains(board), "board {board} was acknowledged");
        }
        // Each silence was logged once when it began and once when it was over.
        for server in &self.servers {
            for [begin, end] in [
                ["cannot read the event log", "following the event log again"],
                ["no notifications", "hearing notifications again"],
            ] {
                eventually(end, || async {
                    let log = server.log();
                    let [begin, end] = [begin, end].map(|it| log.matches(it).count());
                    (begin == end).then_some(())
                })
                .await;
            }
        }
    }
}

/// Reads until the last event is known and has arrived.
async fn follow(
    mut reader: Reader,
    shown: Option<Arc<AtomicI64>>,
    end: watch::Receiver<Option<i64>>,
) -> Vec<i64> {
    loop {
        let newest = reader.seen.last().copied().unwrap_or(0);
        if let Some(shown) = &shown {
            shown.store(newest, Relaxed);
        }
        if end.borrow().is_some_and(|end| newest >= end) {
            return reader.seen;
        }
        // Or a keep-alive.
        reader.next().await;
    }
}

/// Makes boards until there are enough, whatever the answers.
async fn write(client: Client, acknowledged: Arc<Mutex<Vec<i64>>>, enough: Arc<AtomicBool>) {
    // Three times two servers share a small machine.
    let mut pace = interval(Duration::from_millis(20));
    while !enough.load(Relaxed) {
        pace.tick().await;
        let answer = client.post("/api/v1/boards", &client::board("one")).await;
        if answer.status == 201 {
            let id = answer.body["id"].as_i64().expect("an id");
            acknowledged.lock().expect("no panic").push(id);
        } else {
            answer.expect_problem(503, "unavailable");
            sleep(Duration::from_millis(100)).await;
        }
    }
}
