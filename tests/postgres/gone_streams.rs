//! Streams that have ended by the time the database comes back: it is not asked for any of them.

use std::time::Duration;

use futures_util::future::join_all;

use crate::harness::{
    Certificates, Cluster, Database, Server, Stream, Writer, client::http, eventually, within,
};

/// Streams over each version of HTTP.
const STREAMS: usize = 30;
/// Queries of a server that may be in progress when a stream ends.
const UNDER_WAY: i64 = 3;
/// Events of one board.
const EVENTS: i64 = 200_000;
/// What a test starts on the same database.
const OPTIONS: [&str; 4] = ["--keep-alive", "200ms", "--retention", "forever"];

/// A server, and how its clients connect.
struct Side {
    server: Server,
    certificates: Option<Certificates>,
}

impl Side {
    /// One for HTTP/1.1, and one for HTTP/2 over TLS.
    async fn both(database: &Database, options: &[&str]) -> [Self; 2] {
        let certificates = Certificates::new();
        let path = |name: &str| certificates.path(name).display().to_string();
        let files = [path("server.crt"), path("server.key")];
        let tls = ["--tls-cert", &files[0], "--tls-key", &files[1]];
        let plain = Server::start_on(database, options).await;
        let encrypted = Server::start_on(database, &[options, &tls].concat()).await;
        [(plain, None), (encrypted, Some(certificates))].map(|(server, certificates)| Self {
            server,
            certificates,
        })
    }

    /// A client with its own connections: one for all its streams, or one for each.
    fn client(&self) -> reqwest::Client {
        let Some(certificates) = &self.certificates else {
            return http();
        };
        let authority = std::fs::read(certificates.path("authority.crt")).expect("a file");
        let authority = reqwest::Certificate::from_pem(&authority).expect("a certificate");
        let builder = reqwest::Client::builder().tls_certs_only([authority]);
        let builder = builder.no_proxy().http2_prior_knowledge();
        builder.build().expect("a client")
    }

    /// Opens a stream past event 1.
    async fn stream(&self, client: &reqwest::Client, query: &str) -> Stream {
        let url = format!(
            "{}/sse/notifications/?last_event_id=1{query}",
            self.server.url
        );
        let response = within("a stream", client.get(url).send()).await;
        let response = response.expect("a stream");
        let is_http_2 = response.version() == reqwest::Version::HTTP_2;
        assert_eq!(is_http_2, self.certificates.is_some());
        Stream::of(response)
    }

    /// Waits until this many client connections are left.
    async fn until_left(&self, connections: usize) {
        eventually("the end of the streams", || async {
            (self.server.connections() == connections).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn pages_that_nobody_waits_for_are_not_read_when_the_database_is_back() {
    // A crash resets the counts.
    let cluster = Cluster::start_with(&["pg_stat_statements.save=off"]).await;
    let database = cluster.database().await;
    let schema = Server::start_on(&database, &OPTIONS).await;
    database
        .execute("CREATE EXTENSION pg_stat_statements")
        .await;
    drop(schema);
    // Streams for some types of one board's events look at all of these, a few thousand with each page.
    database.append_fillers(1, EVENTS, 0).await;

    let sides = Side::both(&database, &OPTIONS).await;
    let mut gone = Vec::new();
    let mut stay = Vec::new();
    for side in &sides {
        let client = side.client();
        for types in some_types() {
            let query = format!("&board_id=1&types={types}");
            gone.push(side.stream(&client, &query).await);
        }
        stay.push(side.stream(&side.client(), "&types=newBoard").await);
    }
    for stream in gone.iter_mut().chain(&mut stay) {
        // It arrives later where the machine is busy.
        assert_eq!(cursor(stream).await, 1);
    }
    cluster.stop_immediately().await;
    drop(gone);
    for side in &sides {
        side.until_left(1).await;
    }
    cluster.start_again().await;

    // Queries for streams that come now follow earlier ones.
    for side in &sides {
        let mut stream = side.stream(&side.client(), "&types=newPath").await;
        while cursor(&mut stream).await < EVENTS {}
    }
    drop(stay);
    let pages = r#"SELECT COALESCE(SUM(calls), 0)::bigint FROM pg_stat_statements
                   WHERE query LIKE '%("topic", "id") >%' AND query NOT LIKE '%pg_stat_statements%'"#;
    let pages: i64 = database.column(pages).await[0];
    assert!(pages <= 2 * UNDER_WAY, "{pages} pages");
}

/// Filters that differ from each other: a page is read once for all streams with the same one.
fn some_types() -> Vec<String> {
    let all = [
        "newBoard",
        "newPath",
        "boardUpdated",
        "boardDeleted",
        "boardSolved",
    ];
    let subset = |bits: usize| {
        let chosen = all
            .iter()
            .enumerate()
            .filter(|(bit, _)| bits >> bit & 1 == 1);
        chosen.map(|(_, &it)| it).collect::<Vec<_>>().join(",")
    };
    (1..=STREAMS).map(subset).collect()
}

/// The id of a stream's next event `cursor`.
async fn cursor(stream: &mut Stream) -> i64 {
    loop {
        let frame = stream.next().await.expect("a frame");
        if frame.event.as_deref() == Some("cursor") {
            return frame.id.expect("an id");
        }
    }
}

#[tokio::test]
async fn a_cursor_is_not_looked_up_for_a_stream_that_is_gone() {
    let cluster = Cluster::start().await;
    let database = cluster.database().await;
    drop(Server::start_on(&database, &OPTIONS).await);
    database.append_fillers(1, 5, 0).await;
    // Only the streams ask for the log.
    let mut options = OPTIONS.to_vec();
    options.extend(["--poll-interval", "1h", "--statement-timeout", "500ms"]);
    let sides = Side::both(&database, &options).await;
    let mut lock = Writer::begin(&database).await;
    lock.run("LOCK TABLE events IN ACCESS EXCLUSIVE MODE").await;

    let mut streams = Vec::new();
    for side in &sides {
        let client = side.client();
        let open = (0..STREAMS).map(|_| side.stream(&client, ""));
        streams.extend(join_all(open).await);
    }
    for stream in &mut streams {
        let sign = stream.next().await.expect("a first sign");
        assert_eq!(
            (sign.comment.as_deref(), sign.event),
            (Some("dotcast"), None)
        );
    }
    eventually("a look-up that fails", || async {
        (look_ups(&cluster) > 0).then_some(())
    })
    .await;
    drop(streams);
    for side in &sides {
        side.until_left(0).await;
    }
    let before = look_ups(&cluster);
    // As long as six of them take.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let after = look_ups(&cluster);
    assert!(after - before <= 2, "{before} look-ups, then {after}");

    let mut late = sides[0].stream(&http(), "").await;
    lock.commit().await;
    let opening = within("the opening", cursor(&mut late)).await;
    assert_eq!(opening, 1);
    assert_eq!(late.ids(4).await, [2, 3, 4, 5]);
}

/// How often PostgreSQL was asked without success where the log begins and ends.
fn look_ups(cluster: &Cluster) -> usize {
    let log = cluster.log();
    let failed = log.lines().filter(|line| line.contains("STATEMENT: "));
    failed.filter(|line| line.contains("MIN(")).count()
}
