//! What must be true in the end: each stretch of a stream has every event of the log between its two ends, once and
//! in order; and each board that was answered with 201 is in the log, once.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::Value;

use crate::error::Error;

/// What one client was sent, from its beginning to its end, over any number of connections.
#[derive(Clone, Debug, Default)]
pub struct Stretch {
    /// Where it began.
    pub from: u64,
    /// The last event.
    pub last: u64,
    pub count: u64,
    /// The sum of all ids.
    pub sum: u64,
}

/// An event of the log.
pub struct Event {
    pub id: u64,
    pub board_id: u64,
}

/// What happened.
#[derive(Default)]
pub struct Ledger {
    stretches: Mutex<Vec<Stretch>>,
    /// How far each open stream is.
    places: Mutex<HashMap<usize, u64>>,
    boards: Mutex<Vec<u64>>,
    faults: Mutex<Vec<String>>,
    delivered: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ledger {
    /// A client has left.
    pub fn close(&self, stretch: Stretch) {
        lock(&self.stretches).push(stretch);
    }

    /// A client was sent an event, or its position.
    pub fn at(&self, stream: usize, id: u64, is_event: bool) {
        lock(&self.places).insert(stream, id);
        if is_event {
            self.delivered.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A board was answered with 201.
    pub fn board(&self, id: u64) {
        lock(&self.boards).push(id);
    }

    /// Something forbidden happened.
    pub fn fault(&self, fault: String) {
        lock(&self.faults).push(fault);
    }

    /// How many streams have not been sent the newest event.
    pub fn behind(&self, newest: u64) -> usize {
        lock(&self.places)
            .values()
            .filter(|&&at| at < newest)
            .count()
    }

    pub fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }

    pub fn answered(&self) -> usize {
        lock(&self.boards).len()
    }

    pub fn stretches(&self) -> usize {
        lock(&self.stretches).len()
    }

    /// Everything that was wrong.
    pub fn faults(&self, log: &[Event]) -> Vec<String> {
        let mut faults = lock(&self.faults).clone();
        let mut sums = vec![0];
        for event in log {
            sums.push(sums.last().unwrap_or(&0) + event.id);
        }
        let place = |id: u64| log.partition_point(|event| event.id <= id);
        for stretch in lock(&self.stretches).iter().filter(|it| it.count > 0) {
            let (from, to) = (place(stretch.from), place(stretch.last));
            let expected = ((to - from) as u64, sums[to] - sums[from]);
            if expected != (stretch.count, stretch.sum) {
                faults.push(format!("{stretch:?}: expected {expected:?}"));
            }
        }
        let mut times: HashMap<u64, u32> = HashMap::new();
        for event in log {
            *times.entry(event.board_id).or_default() += 1;
        }
        for board in lock(&self.boards).iter() {
            let times = times.get(board).copied().unwrap_or_default();
            if times != 1 {
                faults.push(format!("board {board} is in the log {times} times"));
            }
        }
        faults
    }
}

/// The whole log.
pub async fn read_log(server: SocketAddr) -> Result<Vec<Event>, Error> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut log = Vec::new();
    let mut after = 0;
    loop {
        let url = format!("http://{server}/api/v1/events?limit=200&after={after}");
        let page = client.get(url).send().await?;
        if page.status() == reqwest::StatusCode::TOO_MANY_REQUESTS {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            continue;
        }
        let page: Value = page.error_for_status()?.json().await?;
        let items = page["items"].as_array().map_or(&[][..], Vec::as_slice);
        if items.is_empty() {
            return Ok(log);
        }
        log.extend(items.iter().map(|event| Event {
            id: event["id"].as_u64().unwrap_or_default(),
            board_id: event["board_id"].as_u64().unwrap_or_default(),
        }));
        after = page["next_after"].as_u64().unwrap_or_default();
    }
}
