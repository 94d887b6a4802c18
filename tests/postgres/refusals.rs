//! Databases that are refused at the start: with one line that says why, without a password.

use std::{collections::BTreeSet, net::TcpListener};

use url::Url;

use crate::harness::{
    Cluster, Database, Server, postgres::readable_directory, program, run, server::free_address,
};

const COMMANDS: [&[&str]; 5] = [
    &["serve", "--listen", "127.0.0.1:0"],
    &["migrate"],
    &["migrate", "status"],
    &["user", "add", "ada"],
    &["trim", "--older-than", "1d"],
];

/// Why a command refuses this database.
async fn reason(arguments: &[&str], url: &str) -> String {
    let mut shown = Url::parse(url).expect("a URL");
    shown.set_password(None).expect("a host");
    shown.set_query(None);
    let complaint = run(
        program().args(arguments).env("DATABASE_URL", url),
        "correct horse\n",
    )
    .await
    .complaint(1);
    let opening = format!("error: cannot open the database {shown}: ");
    let reason = complaint.strip_prefix(&opening);
    reason
        .unwrap_or_else(|| panic!("{arguments:?}: {complaint}"))
        .trim_end()
        .to_owned()
}

/// Why every command refuses this database.
async fn refusal(url: &str) -> String {
    let mut reasons = BTreeSet::new();
    for arguments in COMMANDS {
        reasons.insert(reason(arguments, url).await);
    }
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    reasons.pop_first().expect("a reason")
}

#[tokio::test]
async fn a_standby_is_refused_until_it_is_promoted() {
    let cluster = Cluster::start().await;
    let database = cluster.database().await;
    let server = Server::start_on(&database, &[]).await;
    assert_eq!(server.user("ada").await.board("one").await, 1);

    let standby = cluster.standby().await;
    let url = standby.url(&database.name());
    assert_eq!(
        refusal(&url).await,
        "this server is a standby; use the URL of the primary"
    );

    standby.promote().await;
    let promoted = Server::start_on(&database, &["--database-url", &url]).await;
    promoted.user("grace").await.board("two").await;
    assert_eq!(promoted.client().boards().await.len(), 2);
    assert_eq!(server.client().boards().await, BTreeSet::from([1]));
}

/// As with servers that speak the protocol, but have the functions only for the sake of old programs.
#[tokio::test]
async fn a_server_whose_advisory_locks_are_none_is_refused() {
    for fake in [
        "FUNCTION fake.pg_try_advisory_xact_lock(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "FUNCTION fake.pg_try_advisory_xact_lock(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
        "VIEW fake.pg_locks AS SELECT * FROM pg_catalog.pg_locks WHERE locktype <> 'advisory'",
    ] {
        let database = Database::postgres().await;
        let name = database.name();
        database
            .execute(&format!(
                "CREATE SCHEMA fake; CREATE {fake};
                 ALTER DATABASE {name} SET search_path = fake, pg_catalog, public"
            ))
            .await;
        assert_eq!(
            refusal(&database.url()).await,
            "this server does not take advisory locks, or does not show them in pg_locks; \
             without them events would be lost, so use PostgreSQL itself",
            "{fake}"
        );
        let tables = "SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'fake')";
        assert_eq!(database.column::<i64>(tables).await, [0]);
    }
}

#[tokio::test]
async fn who_may_not_log_in_is_told_so() {
    let directory = readable_directory();
    let rules = directory.path().join("pg_hba.conf");
    std::fs::write(
        &rules,
        "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n",
    )
    .expect("write");
    let cluster = Cluster::start_with(&[&format!("hba_file={}", rules.display())]).await;
    let database = cluster.database().await;
    let name = database.name();
    database
        .execute(&format!(
            "CREATE ROLE ada LOGIN PASSWORD 'right'; ALTER DATABASE {name} OWNER TO ada"
        ))
        .await;
    let with = |credentials: &str, name: &str| {
        let url = cluster.url(name);
        url.replacen("postgres@", &format!("{credentials}@"), 1)
    };

    let wrong = r#"password authentication failed for user "ada""#;
    assert_eq!(refusal(&with("ada:hunter2", &name)).await, wrong);
    assert_eq!(refusal(&with("ada", &name)).await, wrong);
    assert_eq!(
        refusal(&with("grace:hunter2", &name)).await,
        r#"password authentication failed for user "grace""#
    );
    assert_eq!(
        refusal(&with("ada:right", "missing")).await,
        r#"database "missing" does not exist"#
    );
    let url = with("ada:right", &name);
    let server = Server::start_on(&database, &["--database-url", &url]).await;
    assert_eq!(server.user("ada").await.board("one").await, 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_refused() {
    let url = format!("postgres://ada:hunter2@{}/dots", free_address());
    let reason = refusal(&url).await;
    assert!(reason.starts_with("Connection refused"), "{reason}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let url = format!("postgres://ada:hunter2@{address}/dots");
    assert_eq!(
        reason(&["migrate"], &url).await,
        "the database did not answer within 5s"
    );
}
