//! Many writers, several servers, many streams, all at once and at random.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet, time::sleep};

use crate::harness::{Database, Reader, Server, Writer};

const WRITERS: usize = 16;
const TRANSACTIONS: usize = 40;
const SERVERS: u32 = 3;
const STREAMS: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_stream_has_every_committed_event_once_and_in_order() {
    let database = Database::postgres().await;
    let mut servers = Vec::new();
    for _ in 0..SERVERS {
        // Keep-alives allow a stream that waits for nothing to be cut as well.
        let options = ["--poll-interval", "100ms", "--keep-alive", "100ms"];
        servers.push(Server::start_on(&database, &options).await);
    }
    let urls: Arc<[String]> = servers.iter().map(|server| server.url.clone()).collect();

    let mut readers = Vec::new();
    for index in 0..STREAMS {
        let reader = Reader::open(&urls[index % urls.len()]).await;
        assert_eq!(reader.last_id, 0);
        readers.push(reader);
    }
    // The newest event, once it is known.
    let (end, ended) = watch::channel(None);
    let mut streams = JoinSet::new();
    for reader in readers {
        streams.spawn(follow(reader, Arc::clone(&urls), ended.clone()));
    }

    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        writers.spawn(write(database.clone()));
    }
    writers.join_all().await;
    let mut last = Writer::begin(&database).await;
    let newest = last.append().await;
    last.commit().await;
    end.send_replace(Some(newest));

    let committed: Vec<i64> = database.column("SELECT id FROM events ORDER BY id").await;
    let taken = usize::try_from(newest).expect("an id");
    assert!(committed.len() < taken, "some were rolled back");
    for seen in streams.join_all().await {
        assert_eq!(seen, committed);
    }
}

/// Appends in slow transactions, and rolls some of them back.
async fn write(database: Database) {
    for _ in 0..TRANSACTIONS {
        let mut writer = Writer::begin(&database).await;
        for _ in 0..=random(2) {
            pause(6).await;
            writer.append().await;
        }
        pause(12).await;
        match random(8) {
            0 | 1 => writer.roll_back().await,
            2 => writer.terminate(&database).await,
            _ => writer.commit().await,
        }
    }
}

/// Reads, is cut, and resumes on any of the servers, until it has seen the last event.
async fn follow(
    mut reader: Reader,
    urls: Arc<[String]>,
    ended: watch::Receiver<Option<i64>>,
) -> Vec<i64> {
    while ended.borrow().is_none() {
        reader.read(random(20)).await;
        reader.resume(&urls[random(SERVERS) as usize]).await;
    }
    let newest = ended.borrow().expect("an id");
    reader.read_to(newest).await;
    reader.seen
}

async fn pause(milliseconds: u32) {
    sleep(Duration::from_millis(random(milliseconds).into())).await;
}

/// A random number below `bound`.
fn random(bound: u32) -> u32 {
    getrandom::u32().expect("randomness") % bound
}
