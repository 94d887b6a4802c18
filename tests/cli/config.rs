//! The configuration file, and `dotcast config check`.

use std::fs;

use rustix::process::Signal;
use tempfile::TempDir;

use super::options::dotcast;
use crate::harness::{Database, Launch, Server, eventually};

/// A file with this content; the directory goes with its value.
fn file(content: &str) -> (TempDir, String) {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("dotcast.toml");
    fs::write(&path, content).expect("write");
    let path = path.display().to_string();
    (directory, path)
}

/// The line about this option among the settings in force.
fn setting<'a>(settings: &'a str, name: &str) -> &'a str {
    let line = settings.lines().find(|line| {
        let line = line.trim_start_matches("# ");
        line.split(' ').next() == Some(name)
    });
    line.unwrap_or_else(|| panic!("{name} in {settings}"))
}

#[tokio::test]
async fn flags_have_precedence_over_the_environment_and_that_over_the_file() {
    let (_directory, path) = file(
        "# A comment.\n\
         listen = '127.0.0.1:8001'\n\
         retry = '3s'\n\
         keep-alive = '4s'\n\
         max-streams = 500\n\
         no-migrate = true\n\
         trusted-proxy = ['10.0.0.0/8', '::1']\n\
         cors-origin = 'https://a.example'\n\
         log = 'warn'\n",
    );
    let environment = [
        ("DOTCAST_CONFIG", &*path),
        ("DOTCAST_KEEP_ALIVE", "6s"),
        ("DOTCAST_RETRY", "7s"),
        // As good as absent.
        ("DOTCAST_MAX_STREAMS", ""),
    ];
    let arguments = ["config", "check", "--retry", "8s"];
    let printed = dotcast(&arguments, &environment).await.printed();
    for line in [
        format!("listen = \"127.0.0.1:8001\" # file, {path}"),
        "retry = \"8s\" # flag".to_owned(),
        "keep-alive = \"6s\" # environment, DOTCAST_KEEP_ALIVE".to_owned(),
        format!("max-streams = 500 # file, {path}"),
        format!("no-migrate = true # file, {path}"),
        format!("trusted-proxy = [\"10.0.0.0/8\", \"::1\"] # file, {path}"),
        format!("cors-origin = \"https://a.example\" # file, {path}"),
        format!("log = \"warn\" # file, {path}"),
        "retention = \"30d\" # default".to_owned(),
        "# max-connections is not set".to_owned(),
    ] {
        let name = line.trim_start_matches("# ").split(' ').next();
        assert_eq!(setting(&printed, name.expect("a name")), line);
    }

    // What is printed is a file that says the same.
    let (_other, copy) = file(&printed);
    let again = dotcast(&["config", "check", "--config", &copy], &[]).await;
    let values = |settings: &str| {
        let lines = settings.lines().map(|line| line.split(" # ").next());
        lines.map(|it| it.map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(values(&again.printed()), values(&printed));
}

#[tokio::test]
async fn without_a_file_all_options_of_serve_are_listed() {
    let printed = dotcast(&["config", "check"], &[]).await.printed();
    let help = dotcast(&["serve", "--help"], &[]).await.printed();
    let flags = help.lines().filter_map(|line| {
        let word = line.trim_start().strip_prefix("--")?;
        word.split(' ').next()
    });
    let mut listed = 0;
    for flag in flags.filter(|flag| *flag != "config") {
        setting(&printed, flag);
        listed += 1;
    }
    assert!(listed > 30, "{help}");
    assert_eq!(printed.lines().count(), listed);
}

#[tokio::test]
async fn no_password_is_shown() {
    let url = "postgres://ada:hunter2@db.example/dotcast?password=hunter2";
    let (_directory, path) = file(&format!("database-url = '{url}'"));
    let by_file = dotcast(&["config", "check", "--config", &path], &[]).await;
    let by_variable = dotcast(&["config", "check"], &[("DATABASE_URL", url)]).await;
    for printed in [by_file.printed(), by_variable.printed()] {
        let shown = "database-url = \"postgres://ada@db.example/dotcast\"";
        assert!(setting(&printed, "database-url").starts_with(shown));
        assert!(!printed.contains("hunter2"), "{printed}");
    }
    let (_directory, path) = file("database-url = 'mysql://ada:hunter2@db.example/dotcast'");
    let complaint = dotcast(&["serve", "--config", &path], &[])
        .await
        .complaint(2);
    assert!(complaint.contains("database-url"), "{complaint}");
    assert!(!complaint.contains("hunter2"), "{complaint}");
}

#[tokio::test]
async fn a_wrong_file_stops_every_start_with_one_line() {
    for (content, told) in [
        // Keys.
        ("frobnicate = 1", &["`frobnicate`"][..]),
        (
            "poll_interval = '1s'",
            &["`poll_interval`", "`poll-interval`"],
        ),
        ("config = 'other.toml'", &["`config`"]),
        ("help = true", &["`help`"]),
        ("older-than = '1d'", &["`older-than`"]),
        ("[serve]\nretry = '1s'", &["`serve`"]),
        // Values.
        ("retry = 'soon'", &["--retry", "'soon'", "`retry`"]),
        ("retry = 5", &["--retry", "'5'"]),
        ("retry = '2h'", &["--retry", "1ms to 1h"]),
        ("retry = ['1s', '2s']", &["`retry`", "string"]),
        ("retry = true", &["`retry`", "string"]),
        ("pool-size = 1.5", &["`pool-size`", "whole number"]),
        ("pool-size = 1", &["--pool-size", "2..=1000"]),
        ("no-migrate = 'yes'", &["`no-migrate`", "true or false"]),
        (
            "trusted-proxy = ['10.0.0.0/8', 'all']",
            &["'all'", "`trusted-proxy`"],
        ),
        ("cors-origin = [1.5]", &["`cors-origin`", "list"]),
        ("registration = 'nobody'", &["'nobody'", "closed"]),
        ("log = 'garbage'", &["`garbage`", "`log`"]),
        // Not TOML.
        ("retry = '1s'\nround = 20ms", &["line 2"]),
        ("retry = '1s'\nretry = '2s'", &["line 2"]),
        ("retry", &["line 1"]),
    ] {
        let (_directory, path) = file(content);
        // Also where a flag or a variable has precedence.
        for (arguments, environment) in [
            (&["serve", "--retry", "1s", "--config", &*path][..], &[][..]),
            (&["config", "check"], &[("DOTCAST_CONFIG", &*path)]),
            (&["migrate", "status"], &[("DOTCAST_CONFIG", &*path)]),
        ] {
            let complaint = dotcast(arguments, environment).await.complaint(2);
            for part in [&[&*path], told].concat() {
                assert!(complaint.contains(part), "{part} in {complaint}");
            }
        }
    }
    let missing = dotcast(&["serve", "--config", "none.toml"], &[]).await;
    let complaint = missing.complaint(2);
    assert!(complaint.contains("cannot read none.toml"), "{complaint}");

    // What belongs together may come from different places.
    let (_directory, path) = file("tls-cert = 'none.pem'");
    let alone = dotcast(&["serve", "--config", &path], &[])
        .await
        .complaint(2);
    assert!(alone.contains("--tls-key"), "{alone}");
    let arguments = ["config", "check", "--config", &path];
    let both = dotcast(&arguments, &[("DOTCAST_TLS_KEY", "x")]).await;
    assert!(both.complaint(2).contains("none.pem"));
}

#[tokio::test]
async fn a_server_and_the_commands_beside_it_share_a_file() {
    let database = Database::new().await;
    let (_directory, path) = file(&format!("database-url = '{}'", database.url()));
    let environment = [("DOTCAST_CONFIG", &*path)];
    dotcast(&["migrate", "up"], &environment).await.printed();
    let status = dotcast(&["migrate", "status"], &environment)
        .await
        .printed();
    assert!(status.contains("applied "), "{status}");
    // A list in a file takes the place of the default.
    let (_directory, path) = file("retry = '5s'\ntrusted-proxy = []\n");
    let server = Server::start_on(&database, &["--config", &path]).await;
    let mut stream = server.stream(None).await;
    assert_eq!(stream.expect("cursor").await.retry, Some(5000));
    let printed = dotcast(&["config", "check", "--config", &path], &[]).await;
    assert!(setting(&printed.printed(), "trusted-proxy").starts_with("trusted-proxy = [] # file"));
}

#[tokio::test]
async fn the_log_filter_is_read_again_at_sighup() {
    let (_directory, path) = file("log = 'warn'");
    let launch = Launch::with(&["--config", &path]);
    let server = Server::launch(&Database::new().await, launch).await;
    let client = server.client();
    client.get("/api/v1/boards").await.expect(200);
    assert_eq!(server.log(), "");

    fs::write(&path, "log = 'info'").expect("write");
    server.signal(Signal::HUP);
    let logged = |text: &'static str| {
        let (client, server) = (&client, &server);
        async move {
            eventually(text, || async {
                client.get("/api/v1/boards").await.expect(200);
                server.log().contains(text).then_some(())
            })
            .await;
        }
    };
    logged("path=\"/api/v1/boards\"").await;

    fs::write(&path, "log = 'garbage'").expect("write");
    server.signal(Signal::HUP);
    logged("keeping the log filter as it was").await;
}
