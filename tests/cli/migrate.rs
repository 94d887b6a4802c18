//! `dotcast migrate`, and what `dotcast serve` makes of a database.

use migration::{Migrator, MigratorTrait as _};

use crate::harness::{Database, Run, Server, program, run};

/// The names of all migrations, in order.
fn names() -> Vec<String> {
    let migrations = Migrator::migrations();
    migrations.iter().map(|it| it.name().to_owned()).collect()
}

/// What is printed of these.
fn lines(state: &str, names: &[String]) -> String {
    let line = |name: &String| format!("{state} {name}\n");
    names.iter().map(line).collect()
}

async fn on(url: &str, arguments: &[&str]) -> Run {
    run(program().args(arguments).env("DATABASE_URL", url), "").await
}

#[tokio::test]
async fn status_tells_what_is_missing_until_it_is_applied() {
    let database = Database::new().await;
    let url = database.url();
    let names = names();
    // As the release before left it.
    let connection = database.connect().await;
    Migrator::up(&connection, Some(1)).await.expect("up");
    connection.close().await.expect("close");
    let (there, missing) = names.split_at(1);
    let partly = lines("applied", there) + &lines("pending", missing);
    let applied = lines("applied", &names);

    // Looking changes nothing.
    assert_eq!(on(&url, &["migrate", "status"]).await.printed(), partly);
    assert_eq!(on(&url, &["migrate", "status"]).await.printed(), partly);
    assert_eq!(
        on(&url, &["migrate"]).await.printed(),
        lines("applied", missing) + "the database is up to date\n"
    );
    assert_eq!(on(&url, &["migrate", "status"]).await.printed(), applied);
    assert_eq!(
        on(&url, &["migrate", "up"]).await.printed(),
        "the database is up to date\n"
    );
    assert_eq!(on(&url, &["migrate", "status"]).await.printed(), applied);
}

#[tokio::test]
async fn without_migrating_the_server_refuses_a_database_that_lacks_something() {
    let database = Database::new().await;
    let url = database.url();
    let complaint = on(&url, &["serve", "--no-migrate", "--listen", "127.0.0.1:0"])
        .await
        .complaint(1);
    for name in names() {
        assert!(complaint.contains(&name), "{name} in {complaint}");
    }
    assert!(complaint.contains("dotcast migrate"), "{complaint}");

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
        for arguments in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["migrate"],
            &["migrate", "status"],
            &["user", "add", "ada"],
            &["user", "passwd", "ada"],
            &["trim", "--older-than", "1d"],
        ] {
            let makes_one = matches!(arguments, ["serve", ..] | ["migrate"]);
            let run = on(&url, arguments).await;
            if name == "missing/dotcast.db" && !makes_one {
                run.complaint(2);
                continue;
            }
            let complaint = run.complaint(1);
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
    assert_eq!(applied, names().len(), "each migration once");
}

#[tokio::test]
async fn a_program_goes_on_with_the_schema_of_a_newer_one() {
    const NEWER: &str = "m20991231_000001_newer";
    let names = names();
    let newest = names.last().expect("migrations");
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
        status.ends_with(&format!("applied {newest}\nunknown {NEWER}\n")),
        "{status}"
    );
    let printed = on(&url, &["migrate"]).await.printed();
    assert_eq!(printed, "the database is up to date\n");

    // Neither older nor newer, but another.
    database
        .execute(&format!(
            "DELETE FROM seaql_migrations WHERE version = '{newest}'"
        ))
        .await;
    for arguments in [&["migrate"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let complaint = on(&url, arguments).await.complaint(1);
        assert!(
            complaint.contains(newest) && complaint.contains(NEWER),
            "{complaint}"
        );
    }
}
