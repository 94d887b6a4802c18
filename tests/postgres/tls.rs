//! TLS to the database, as the URL's `sslmode` says.

use std::path::Path;

use super::sessions::{LISTENING, OURS, until_listening};
use crate::harness::{Certificates, Cluster, Database, Run, Server, program, run};

/// A cluster that shows the server's certificate.
async fn cluster(certificates: &Certificates) -> Cluster {
    let file =
        |setting: &str, name: &str| format!("{setting}={}", certificates.path(name).display());
    Cluster::start_with(&[
        "ssl=on",
        &file("ssl_cert_file", "server.crt"),
        &file("ssl_key_file", "server.key"),
    ])
    .await
}

/// Which of our sessions are encrypted. Of a running server all are or none, including the one that listens.
async fn encrypted(database: &Database) -> bool {
    until_listening(database, 1).await;
    let ask = |which: &str| {
        format!("SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE {which}")
    };
    let listening: Vec<bool> = database.column(&ask(LISTENING)).await;
    let all: Vec<bool> = database.column(&ask(OURS)).await;
    assert_eq!(listening.len(), 1);
    assert!(all.len() >= 3, "one for reading, one for writing: {all:?}");
    assert!(all.iter().all(|it| *it == listening[0]), "{all:?}");
    listening[0]
}

async fn migrate(url: &str) -> Run {
    run(program().arg("migrate").env("DATABASE_URL", url), "").await
}

fn verified_by(database: &Database, authority: &Path) -> String {
    format!(
        "{}?sslmode=verify-full&sslrootcert={}",
        database.url(),
        authority.display()
    )
}

#[tokio::test]
async fn sessions_are_encrypted_as_the_url_says() {
    let certificates = Certificates::new();
    let cluster = cluster(&certificates).await;
    for (mode, expected) in [
        ("sslmode=disable".to_owned(), false),
        ("sslmode=prefer".to_owned(), true),
        ("sslmode=require".to_owned(), true),
        (
            format!(
                "sslmode=verify-full&sslrootcert={}",
                certificates.path("authority.crt").display()
            ),
            true,
        ),
    ] {
        let database = cluster.database().await;
        let url = format!("{}?{mode}", database.url());
        let server = Server::start_on(&database, &["--database-url", &url]).await;
        assert_eq!(server.user("ada").await.board("one").await, 1);
        assert_eq!(encrypted(&database).await, expected, "{mode}");
    }
}

#[tokio::test]
async fn a_certificate_of_somebody_else_is_refused() {
    let certificates = Certificates::new();
    let cluster = cluster(&certificates).await;
    let database = cluster.database().await;
    let url = verified_by(&database, &certificates.path("other.crt"));
    let complaint = migrate(&url).await.complaint(1);
    let opening = format!("error: cannot open the database {}: ", database.url());
    assert!(complaint.starts_with(&opening), "{complaint}");
    assert!(
        complaint.contains("invalid peer certificate"),
        "{complaint}"
    );

    // It certifies an address, not a name.
    let url = verified_by(&database, &certificates.path("authority.crt"));
    let complaint = migrate(&url.replacen("127.0.0.1", "localhost", 1))
        .await
        .complaint(1);
    assert!(
        complaint.contains("invalid peer certificate"),
        "{complaint}"
    );
}

#[tokio::test]
async fn a_server_without_tls_is_refused_when_it_is_required() {
    let database = Database::postgres().await;
    let certificates = Certificates::new();
    let authority = certificates.path("authority.crt");
    for url in [
        format!("{}?sslmode=require", database.url()),
        verified_by(&database, &authority),
    ] {
        let complaint = migrate(&url).await.complaint(1);
        assert!(
            complaint.contains("server does not support TLS"),
            "{complaint}"
        );
    }
    let url = format!("{}?sslmode=prefer", database.url());
    migrate(&url).await.printed();
}
