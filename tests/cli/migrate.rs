//! `dotcast migrate`, and how `dotcast serve` migrates a database.

use migration::{Migrator, MigratorTrait as _};

use crate::harness::{Database, Run, Server, program, run};

const ACCOUNTS: &str = "m20261101_000001_accounts";
const BOARDS: &str = "m20261101_000002_boards";
const EVENTS: &str = "m20261101_000003_events";
const IDENTITY: &str = "m20261125_000004_log_identity";
const IDEMPOTENCY: &str = "m20261125_000005_idempotency";
const SOLUTIONS: &str = "m20261126_000006_solutions";
const COUNTS: &str = "m20261126_000007_solved_counts";
const TOPIC: &str = "m20261126_000008_topic";
const DISABLED: &str = "m20261126_000009_disabled_users";
const REWRITES: &str = "m20261126_000010_rewrites";
const UUIDS: &str = "m20261126_000011_uuids";
const TYPES: &str = "m20261126_000012_event_types";
const CONSUMERS: &str = "m20261127_000013_consumers";
const TIMES: &str = "m20261127_000014_event_times";
const NEWEST: &str = "m20261127_000015_counts_of_solved";

async fn on(url: &str, arguments: &[&str]) -> Run {
    run(program().args(arguments).env("DATABASE_URL", url), "").await
}

#[tokio::test]
async fn status_tells_what_is_missing_until_it_is_applied() {
    let database = Database::new().await;
    let url = database.url();
    let before = [
        ACCOUNTS,
        BOARDS,
        EVENTS,
        IDENTITY,
        IDEMPOTENCY,
        SOLUTIONS,
        COUNTS,
        TOPIC,
        DISABLED,
        REWRITES,
        UUIDS,
        TYPES,
        CONSUMERS,
        TIMES,
    ];
    let applied = before.map(|name| format!("applied {name}\n"));
    let applied = applied.concat();
    let all = format!("{applied}applied {NEWEST}\n");

    assert_eq!(
        on(&url, &["migrate"]).await.printed(),
        format!("{all}the database is up to date\n")
    );
    assert_eq!(on(&url, &["migrate", "status"]).await.printed(), all);
    assert_eq!(
        on(&url, &["migrate", "up"]).await.printed(),
        "the database is up to date\n"
    );

    // As the previous release left it.
    let connection = database.connect().await;
    Migrator::down(&connection, Some(1)).await.expect("down");
    connection.close().await.expect("close");
    let pending = format!("{applied}pending {NEWEST}\n");
    // Looking changes nothing.
    assert_eq!(on(&url, &["migrate", "status"]).await.printed(), pending);
    assert_eq!(on(&url, &["migrate", "status"]).await.printed(), pending);
    for arguments in [
        &["user", "add", "ada"][..],
        &["user", "passwd", "ada"],
        &["trim", "--older-than", "1d"],
        &["log", "break"],
        &["consumers"],
    ] {
        let complaint = on(&url, arguments).await.complaint(1);
        assert_eq!(
            complaint,
            format!(
                "error: the database lacks the migrations {NEWEST}; run `dotcast migrate up` first\n"
            )
        );
    }
    assert_eq!(on(&url, &["migrate", "status"]).await.printed(), pending);
    assert_eq!(
        on(&url, &["migrate"]).await.printed(),
        format!("applied {NEWEST}\nthe database is up to date\n")
    );
    assert_eq!(on(&url, &["migrate", "status"]).await.printed(), all);
}

#[tokio::test]
async fn without_migrating_the_server_refuses_a_database_that_lacks_something() {
    let database = Database::new().await;
    let url = database.url();
    let complaint = on(&url, &["serve", "--no-migrate", "--listen", "127.0.0.1:0"])
        .await
        .complaint(1);
    for name in [
        ACCOUNTS,
        BOARDS,
        EVENTS,
        IDENTITY,
        IDEMPOTENCY,
        SOLUTIONS,
        COUNTS,
        TOPIC,
        DISABLED,
        REWRITES,
        UUIDS,
        TYPES,
        CONSUMERS,
        TIMES,
        NEWEST,
        "dotcast migrate",
    ] {
        assert!(complaint.contains(name), "{name} in {complaint}");
    }

    on(&url, &["migrate"]).await.printed();
    let server = Server::start_on(&database, &["--no-migrate"]).await;
    assert_eq!(server.user("ada").await.board("one").await, 1);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_made() {
    let database = Database::sqlite();
    assert!(!database.file().exists());
    let server = Server::start_on(&database, &[]).await;
    assert!(database.file().exists());
    assert_eq!(server.user("ada").await.board("one").await, 1);
    let status = on(&database.url(), &["migrate", "status"]).await;
    assert!(!status.printed().contains("pending"));
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_named() {
    let database = Database::sqlite();
    let directory = database.directory();
    let path = directory.display();
    std::fs::write(directory.join("junk"), "no database\n".repeat(100)).expect("write");
    for name in ["missing/dotcast.db", "", "junk"] {
        let url = format!("sqlite://{path}/{name}");
        let making = [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"]];
        let using = [
            &["migrate", "status"][..],
            &["user", "add", "ada"],
            &["user", "passwd", "ada"],
            &["trim", "--older-than", "1d"],
            &["log", "break"],
        ];
        // Commands that do not create a database do not treat a missing file as one.
        let using = using.iter().filter(|_| !name.starts_with("missing"));
        for arguments in making.iter().chain(using) {
            let complaint = on(&url, arguments).await.complaint(1);
            assert!(
                complaint.starts_with(&format!("error: cannot open the database {url}: ")),
                "{arguments:?}: {complaint}"
            );
        }
    }
}

#[tokio::test]
async fn of_several_that_migrate_at_once_one_does_it_and_all_succeed() {
    let database = Database::new().await;
    let url = database.url();
    let runs: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { on(&url, &["migrate"]).await.printed() })
        })
        .collect();
    let mut applied = 0;
    for run in runs {
        let printed = run.await.expect("success");
        assert!(
            printed.ends_with("the database is up to date\n"),
            "{printed}"
        );
        applied += printed.matches("applied ").count();
    }
    assert_eq!(applied, Migrator::migrations().len(), "each migration once");
}

#[tokio::test]
async fn a_program_goes_on_with_the_schema_of_a_newer_one() {
    const NEWER: &str = "m20991231_000001_newer";
    let database = Database::new().await;
    let url = database.url();
    on(&url, &["migrate"]).await.printed();
    database
        .execute(&format!(
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('{NEWER}', 0)"
        ))
        .await;
    for arguments in [&[][..], &["--no-migrate"]] {
        let server = Server::start_on(&database, arguments).await;
        server.client().get("/readyz").await.expect(200);
        assert!(server.log().contains(NEWER), "{}", server.log());
    }
    let status = on(&url, &["migrate", "status"]).await.printed();
    assert!(
        status.ends_with(&format!("applied {NEWEST}\nunknown {NEWER}\n")),
        "{status}"
    );
    let printed = on(&url, &["migrate"]).await.printed();
    assert_eq!(printed, "the database is up to date\n");

    // Neither older nor newer, but another.
    database
        .execute(&format!(
            "DELETE FROM seaql_migrations WHERE version = '{NEWEST}'"
        ))
        .await;
    for arguments in [&["migrate"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let complaint = on(&url, arguments).await.complaint(1);
        assert!(
            complaint.contains(NEWEST) && complaint.contains(NEWER),
            "{complaint}"
        );
    }
}

#[tokio::test]
async fn who_only_uses_a_database_is_told_that_there_is_none() {
    let database = Database::new().await;
    let url = database.url();
    for arguments in [
        &["migrate", "status"][..],
        &["user", "add", "ada"],
        &["user", "passwd", "ada"],
        &["trim", "--older-than", "1d"],
        &["log", "break"],
    ] {
        let complaint = on(&url, arguments).await.complaint(2);
        assert_eq!(
            complaint,
            format!("error: there is no database at {url}; create one with `dotcast migrate up`\n"),
            "{arguments:?}"
        );
    }
    if database.is_postgres() {
        let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
        assert_eq!(database.column::<i64>(tables).await, [0]);
    } else {
        let mut files = std::fs::read_dir(database.directory()).expect("read");
        assert!(files.next().is_none());
    }
}
