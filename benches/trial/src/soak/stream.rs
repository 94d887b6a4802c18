//! One client that follows the log, over many connections.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpSocket,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    client_address,
    ledger::{Ledger, Stretch},
};

/// Longest connection, in seconds.
const LIFETIME: u64 = 90;

/// Connects, follows, leaves and comes back until it is stopped.
pub async fn run(
    index: usize,
    servers: Arc<[SocketAddr]>,
    ledger: Arc<Ledger>,
    stop: CancellationToken,
) {
    let mut stretch = None;
    while !stop.is_cancelled() {
        let server = servers[fastrand::usize(0..servers.len())];
        let lifetime = Duration::from_millis(fastrand::u64(5_000..LIFETIME * 1000));
        let follow = follow(index, server, &mut stretch, &ledger);
        // However the connection ends, the client resumes from where it was.
        let _ = stop.run_until_cancelled(timeout(lifetime, follow)).await;
        // Some leave for good, and others arrive.
        if fastrand::u8(0..4) == 0
            && let Some(stretch) = stretch.take()
        {
            ledger.close(stretch);
        }
        let pause = Duration::from_millis(fastrand::u64(0..2000));
        let _ = stop.run_until_cancelled(sleep(pause)).await;
    }
    if let Some(stretch) = stretch {
        ledger.close(stretch);
    }
}

async fn follow(
    index: usize,
    server: SocketAddr,
    stretch: &mut Option<Stretch>,
    ledger: &Ledger,
) -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((client_address(index), 0).into())?;
    let mut socket = socket.connect(server).await?;
    let cursor = stretch.as_ref().map_or(String::new(), |stretch| {
        format!("Last-Event-ID: {}\r\n", stretch.last)
    });
    let request = format!("GET /sse/notifications/ HTTP/1.1\r\nHost: {server}\r\n{cursor}\r\n");
    socket.write_all(request.as_bytes()).await?;
    let mut lines = BufReader::with_capacity(4096, socket).lines();
    let (mut id, mut event) = (None, String::new());
    while let Some(line) = lines.next_line().await? {
        if let Some(value) = line.strip_prefix("id: ") {
            id = value.parse().ok();
        } else if let Some(value) = line.strip_prefix("event: ") {
            value.clone_into(&mut event);
        } else if line.is_empty() {
            if let Some(id) = id.take() {
                take(index, id, &event, stretch, ledger);
            } else if event == "reset" {
                ledger.fault(format!("stream {index}: reset"));
            }
            event.clear();
        }
    }
    Ok(())
}

fn take(index: usize, id: u64, event: &str, stretch: &mut Option<Stretch>, ledger: &Ledger) {
    let is_event = event != "cursor";
    match stretch {
        None if is_event => ledger.fault(format!("stream {index}: {event} {id} before a cursor")),
        None => {
            *stretch = Some(Stretch {
                from: id,
                last: id,
                ..Stretch::default()
            });
        }
        Some(stretch) if is_event => {
            if id <= stretch.last {
                ledger.fault(format!("stream {index}: {id} after {}", stretch.last));
            }
            stretch.last = id;
            stretch.count += 1;
            stretch.sum += id;
        }
        Some(stretch) if id != stretch.last => {
            ledger.fault(format!("stream {index}: at {id}, not at {}", stretch.last));
        }
        Some(_) => {}
    }
    ledger.at(index, id, is_event);
}
