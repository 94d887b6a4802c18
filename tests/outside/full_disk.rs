//! A disk that is full for a while: writes are refused, no client is told that all is well, and nothing acknowledged
//! is lost.

use std::{fs::File, io::Write as _};

use rustix::process::{Resource, Rlimit, Signal, prlimit};

use super::readiness::{expect_all, launch, until_not_ready, until_ready};
use crate::harness::{Client, Database, Server, client::board, eventually};

/// Posts boards until one is refused; returns how many were created.
async fn until_refused(user: &Client) -> i64 {
    let made = std::cell::Cell::new(0);
    eventually("a refusal", || async {
        let answer = user.try_post("/api/v1/boards", &board("one")).await;
        if answer.is_ok_and(|answer| answer.status == 201) {
            made.set(made.get() + 1);
            return None;
        }
        Some(())
    })
    .await;
    made.get()
}

/// A test can limit the size of files without being root; the next test has a full disk.
#[tokio::test]
async fn not_while_files_cannot_grow() {
    let database = Database::sqlite();
    // The accompanying signal would end the process.
    let launch = launch().by(&["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
    let mut server = Server::launch(&database, launch).await;
    let user = server.user("ada").await;
    let mut acknowledged = 0;
    for _ in 0..2 {
        acknowledged += 1;
        user.board("one").await;
        limit_file_size(&server, Some(4096));
        acknowledged += until_refused(&user).await;
        until_not_ready(&mut server).await;
        limit_file_size(&server, None);
        until_ready(&server).await;
        expect_all(&user, acknowledged).await;
    }
    user.board("one").await;
    server.signal(Signal::KILL);
    let server = server.restart().await;
    expect_all(&server.client(), acknowledged + 1).await;
}

fn limit_file_size(server: &Server, bytes: Option<u64>) {
    let process = rustix::process::Pid::from_raw(server.process_id());
    let limit = Rlimit {
        current: bytes,
        maximum: None,
    };
    prlimit(process, Resource::Fsize, limit).expect("prlimit");
}

#[tokio::test]
async fn not_while_the_disk_is_full() {
    let database = Database::sqlite();
    // A separate disk, which nobody else sees and which disappears with the server.
    let directory = database.directory().display().to_string();
    let script = "mount -t tmpfs -o size=1m,mode=700 tmpfs \"$0\" && exec \"$@\"";
    let is_root = rustix::process::getuid().is_root();
    let users = if is_root {
        &[][..]
    } else {
        &["--map-root-user"]
    };
    let wrapper = [
        &["unshare", "--mount"],
        users,
        &["sh", "-c", script, &directory],
    ]
    .concat();
    let mut server = Server::launch(&database, launch().by(&wrapper)).await;
    let user = server.user("ada").await;
    let mut acknowledged = 0;
    for _ in 0..2 {
        acknowledged += 1;
        user.board("one").await;
        let filler = format!("/proc/{}/root{directory}/filler", server.process_id());
        fill(&filler);
        acknowledged += until_refused(&user).await;
        let reason = until_not_ready(&mut server).await;
        assert!(reason.contains("full"), "{reason}");
        user.get("/healthz").await.expect(200);
        std::fs::remove_file(&filler).expect("remove");
        until_ready(&server).await;
        expect_all(&user, acknowledged).await;
    }
    user.board("one").await;
    expect_all(&user, acknowledged + 1).await;
}

/// Writes a file until there is no room.
fn fill(file: &str) {
    let mut file = File::create(file).expect("create");
    while file.write(&[0; 4096]).is_ok_and(|written| written > 0) {}
}
