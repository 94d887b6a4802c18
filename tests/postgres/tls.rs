//! TLS to the database, as the URL's `sslmode` says.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use super::sessions::{LISTENING, OURS, until_listening};
use crate::harness::{
    Cluster, Database, Run, Server,
    postgres::{hand_over, readable_directory},
    program, run,
};

const KEY: [&str; 5] = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
];

/// An authority, another one, and a server that the first vouches for.
struct Certificates {
    directory: TempDir,
}

impl Certificates {
    fn new() -> Self {
        let it = Self {
            directory: readable_directory(),
        };
        for name in ["authority", "other"] {
            it.openssl(
                &format!("req -x509 -days 2 -subj /CN={name} -keyout {name}.key -out {name}.crt"),
                &KEY,
            );
        }
        it.openssl(
            "req -subj /CN=server -keyout server.key -out server.csr",
            &KEY,
        );
        std::fs::write(it.path("names"), "subjectAltName = IP:127.0.0.1\n").expect("write");
        it.openssl(
            "x509 -req -days 2 -in server.csr -CA authority.crt -CAkey authority.key -CAcreateserial \
             -extfile names -out server.crt",
            &[],
        );
        hand_over(&it.path("server.key"));
        it
    }

    fn openssl(&self, arguments: &str, more: &[&str]) {
        let status = Command::new("openssl")
            .args(arguments.split(' '))
            .args(more)
            .current_dir(self.directory.path())
            .stderr(Stdio::null())
            .status()
            .expect("openssl is installed");
        assert!(status.success(), "openssl {arguments}");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    async fn cluster(&self) -> Cluster {
        let file = |setting: &str, name: &str| format!("{setting}={}", self.path(name).display());
        Cluster::start_with(&[
            "ssl=on",
            &file("ssl_cert_file", "server.crt"),
            &file("ssl_key_file", "server.key"),
        ])
        .await
    }
}

/// Which of our sessions are encrypted: of a listening server all or none, the one that listens, too.
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
    let cluster = certificates.cluster().await;
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
    let cluster = certificates.cluster().await;
    let database = cluster.database().await;
    let url = verified_by(&database, &certificates.path("other.crt"));
    let complaint = migrate(&url).await.complaint(1);
    let opening = format!("error: cannot open the database {}: ", database.url());
    assert!(complaint.starts_with(&opening), "{complaint}");
    assert!(
        complaint.contains("invalid peer certificate"),
        "{complaint}"
    );

    // It vouches for an address, not for a name.
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
