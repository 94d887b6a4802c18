//! Command lines that are none, and starts that fail.

use super::options::dotcast;
use crate::harness::Server;

#[tokio::test]
async fn a_password_in_the_database_url_is_never_shown() {
    for url in [
        "postgres://ada:hunter2@localhost/db",
        "sqlite://ada:hunter2@localhost/db",
        "sqlite://ada:hunter2@localhost/db?mode=nonsense",
        "sqlite://ada:hunter2@localhost/db?password=hunter2",
    ] {
        for run in [
            dotcast(&["serve", "--database-url", url], &[]).await,
            dotcast(&["serve"], &[("DATABASE_URL", url)]).await,
            dotcast(&["migrate"], &[("DATABASE_URL", url)]).await,
            dotcast(&["serve", "--frob"], &[("DATABASE_URL", url)]).await,
        ] {
            assert_ne!(run.code, Some(0), "{run:?}");
            assert!(!run.stderr.contains("hunter2"), "{run:?}");
            assert!(!run.stdout.contains("hunter2"), "{run:?}");
        }
        let help = dotcast(&["serve", "--help"], &[("DATABASE_URL", url)]).await;
        assert!(!help.printed().contains("hunter2"));
    }
}

#[tokio::test]
async fn what_is_no_command_or_no_flag_is_an_error_of_usage() {
    for arguments in [
        &[][..],
        &["frobnicate"],
        &["user"],
        &["user", "frobnicate"],
        &["user", "add"],
        &["trim"],
        &["log"],
        &["backup"],
        &["restore"],
        &["completions"],
        &["config"],
        &["serve", "--frobnicate"],
        &["serve", "extra"],
    ] {
        let run = dotcast(arguments, &[]).await;
        assert_eq!(run.code, Some(2), "{arguments:?}: {run:?}");
        assert!(
            run.stderr.contains("Usage: dotcast"),
            "{arguments:?}: {run:?}"
        );
        assert_eq!(run.stdout, "", "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["--version"], &["help", "serve"]] {
        let run = dotcast(arguments, &[]).await;
        assert_eq!(run.stderr, "", "{arguments:?}");
        assert_ne!(run.printed(), "", "{arguments:?}");
    }
}

#[tokio::test]
async fn an_address_in_use_is_told_in_one_line() {
    let server = Server::start().await;
    let address = server.url.trim_start_matches("http://");
    let url = server.database().url();
    let complaint = dotcast(&["serve", "--listen", address, "--database-url", &url], &[])
        .await
        .complaint(1);
    assert!(
        complaint.starts_with(&format!("error: cannot listen on {address}: ")),
        "{complaint}"
    );
}
