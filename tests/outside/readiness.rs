//! `/readyz` says how requests would fare: it is 503 and names the reason while they fail, and 200 again when that is
//! over.

use std::{
    fs::{OpenOptions, Permissions},
    io::{Seek as _, SeekFrom, Write as _},
    os::unix::fs::{PermissionsExt as _, chown},
};

use rustix::process::Signal;

use crate::harness::{
    Answer, Client, Contents, Database, Launch, Server, SqliteShell, client::board, dotcast_on,
    eventually,
};

/// A server that waits for the database for only half a second.
pub(super) fn launch() -> Launch {
    let deadline = ("DOTCAST_DATABASE_TIMEOUT".to_owned(), "500ms".to_owned());
    Launch::with(&["--poll-interval", "100ms"]).environment([deadline])
}

/// Waits until it is not ready, or has ended by itself; returns the reason that it gives.
pub(super) async fn until_not_ready(server: &mut Server) -> String {
    let client = server.client();
    eventually("it is not ready", || {
        let ended = server.try_wait().is_some();
        let client = client.clone();
        async move {
            if ended {
                return Some(String::new());
            }
            let answer = client.try_get("/readyz").await.ok()?;
            (answer.status == 503).then(|| detail(&answer.expect_problem(503, "unavailable")))
        }
    })
    .await
}

fn detail(answer: &Answer) -> String {
    let detail = answer.body["detail"].as_str().expect("a detail").to_owned();
    assert!(detail.len() > 10, "it says too little: {detail:?}");
    detail
}

pub(super) async fn until_ready(server: &Server) {
    let client = server.client();
    eventually("it is ready again", || async {
        (client.get("/readyz").await.status == 200).then_some(())
    })
    .await;
}

/// Asserts that each acknowledged board exists, with its event, and that there is no other event.
pub(super) async fn expect_all(client: &Client, acknowledged: i64) {
    let contents = Contents::of(client).await;
    let boards = contents.boards.len();
    assert!(
        boards >= usize::try_from(acknowledged).expect("small"),
        "{boards} of {acknowledged}"
    );
    let mut told: Vec<_> = contents
        .events
        .iter()
        .map(|it| it["board_id"].as_i64())
        .collect();
    let mut there: Vec<_> = contents.boards.iter().map(|it| it["id"].as_i64()).collect();
    told.sort_unstable();
    there.sort_unstable();
    assert_eq!(told, there);
}

#[tokio::test]
async fn not_while_another_program_holds_the_write_lock() {
    let database = Database::sqlite();
    let mut server = Server::launch(&database, launch()).await;
    let user = server.user("ada").await;
    user.board("one").await;
    let shell = SqliteShell::on(&database.file());
    for _ in 0..2 {
        let lock = shell.lock().await;
        let reason = until_not_ready(&mut server).await;
        assert!(reason.contains("lock"), "{reason}");
        let refused = user.post("/api/v1/boards", &board("two")).await;
        refused.expect_problem(503, "unavailable");
        // Requests that write nothing go on.
        user.get("/api/v1/boards").await.expect(200);
        user.get("/healthz").await.expect(200);
        lock.release().await;
        until_ready(&server).await;
    }
    user.board("three").await;
    expect_all(&user, 2).await;
    assert_eq!(
        server.log().matches("ready again").count(),
        2,
        "{}",
        server.log()
    );
}

/// `dotcast healthcheck` passes the reason on.
#[tokio::test]
async fn the_health_check_says_why() {
    let database = Database::sqlite();
    let mut server = Server::launch(&database, launch()).await;
    let _lock = SqliteShell::on(&database.file()).lock().await;
    until_not_ready(&mut server).await;
    let arguments = ["healthcheck", "--url", &server.url];
    let complaint = dotcast_on(&database, &arguments).await.complaint(1);
    let start = format!("error: {} is not ready: ", server.url);
    assert!(complaint.starts_with(&start), "{complaint}");
    assert!(complaint.contains("database"), "{complaint}");
    assert!(complaint.contains("lock"), "{complaint}");
}

/// Each table by itself, in a page that no connection has cached.
#[tokio::test]
async fn not_while_a_table_cannot_be_read() {
    let tables = ["users", "sessions", "boards", "paths", "events"];
    let checks = tables.map(|table| tokio::spawn(damage(table)));
    let mut unnoticed = Vec::new();
    for (check, table) in checks.into_iter().zip(tables) {
        if check.await.is_err() {
            unnoticed.push(table);
        }
    }
    assert_eq!(unnoticed, Vec::<&str>::new());
}

async fn damage(table: &str) {
    let database = Database::sqlite();
    let mut server = Server::launch(&database, launch()).await;
    let user = server.user("ada").await;
    for _ in 0..20 {
        let board = user.board("one").await;
        user.path(board).await;
    }
    let shell = SqliteShell::on(&database.file());
    let root = format!("SELECT rootpage FROM sqlite_schema WHERE name = '{table}';");
    let root: u64 = shell.run(&root).await.parse().expect("a page");
    let size: u64 = shell
        .run("PRAGMA page_size;")
        .await
        .parse()
        .expect("a size");
    shell.run("PRAGMA wal_checkpoint(TRUNCATE);").await;
    let mut file = OpenOptions::new()
        .write(true)
        .open(database.file())
        .expect("open");
    file.seek(SeekFrom::Start((root - 1) * size)).expect("seek");
    file.write_all(&vec![0; usize::try_from(size).expect("small")])
        .expect("write");
    file.sync_all().expect("sync");
    // What connections have cached of the file is then out of date.
    shell.run("PRAGMA user_version = 7;").await;
    until_not_ready(&mut server).await;
}

#[tokio::test]
async fn not_while_the_log_of_the_file_is_gone_from_under_it() {
    let database = Database::sqlite();
    let mut server = Server::launch(&database, launch()).await;
    let user = server.user("ada").await;
    for _ in 0..20 {
        user.board("one").await;
    }
    let mut log = database.file().into_os_string();
    log.push("-wal");
    let log = OpenOptions::new().write(true).open(log).expect("open");
    log.set_len(0).expect("truncate");
    drop(log);
    SqliteShell::on(&database.file())
        .try_run("PRAGMA user_version = 7;")
        .await;
    // It may still return what it has cached; writes may be refused, but not forgotten.
    let witness = super::witness::Witness::open(&server.url).await;
    let mut names = Vec::new();
    for number in 0..10 {
        let name = format!("late {number}");
        let answer = user.try_post("/api/v1/boards", &board(&name)).await;
        if answer.is_ok_and(|answer| answer.status == 201) {
            names.push(name);
        }
    }
    if names.len() < 10 {
        until_not_ready(&mut server).await;
        return;
    }
    eventually("what was acknowledged", || async {
        names
            .iter()
            .all(|name| witness.saw_board(name))
            .then_some(())
    })
    .await;
}

/// For example, root created it, and the server runs as another user.
#[tokio::test]
async fn not_on_a_file_that_may_only_be_read() {
    let database = Database::sqlite();
    let mut server = Server::start_on(&database, &[]).await;
    let mut user = server.user("ada").await;
    user.board("one").await;
    server.signal(Signal::TERM);
    server.wait().await;
    let file = database.file();
    let directory = database.directory();
    let mut launch = launch();
    if rustix::process::getuid().is_root() {
        // Nothing is forbidden to root.
        chown(directory, Some(65534), Some(65534)).expect("chown");
        launch = launch.by(&[
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
        ]);
        std::fs::set_permissions(&file, Permissions::from_mode(0o644)).expect("chmod");
    } else {
        std::fs::set_permissions(&file, Permissions::from_mode(0o444)).expect("chmod");
    }
    let Ok(mut server) = Server::try_launch(&database, launch).await else {
        return;
    };
    user.url.clone_from(&server.url);
    let refused = user.post("/api/v1/boards", &board("two")).await;
    assert!(refused.status.is_server_error(), "{refused:?}");
    until_not_ready(&mut server).await;
    user.get("/api/v1/boards").await.expect(200);
    assert_eq!(Contents::of(&user).await.ids(), [1]);
}
