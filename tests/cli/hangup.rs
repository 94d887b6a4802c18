//! SIGHUP: a server reads again what may have changed, and goes on.

use std::fs;

use rustix::process::Signal;
use tempfile::TempDir;
use tokio::process::Command;

use crate::harness::{Certificates, Server, eventually, run};

/// Waits until the server has logged this text so many times.
async fn until_logged(server: &Server, text: &str, times: usize) {
    eventually(text, || async {
        (server.log().matches(text).count() >= times).then_some(())
    })
    .await;
}

/// For whom the certificate is that a server shows.
async fn subject(server: &Server) -> String {
    let address = server.url.trim_start_matches("https://");
    let mut openssl = Command::new("openssl");
    openssl.args(["s_client", "-connect", address]);
    let shown = run(&mut openssl, "").await.stdout;
    let subject = shown.lines().find(|line| line.starts_with("subject="));
    subject.unwrap_or_else(|| panic!("{shown}")).to_owned()
}

#[tokio::test]
async fn the_certificate_is_read_again() {
    let certificates = Certificates::new();
    let directory = TempDir::new().expect("a directory");
    let file = |name: &str| directory.path().join(name).display().to_string();
    let (cert, key) = (file("cert.pem"), file("key.pem"));
    let renew = |name: &str| {
        for (kind, path) in [("crt", &cert), ("key", &key)] {
            fs::copy(certificates.path(&format!("{name}.{kind}")), path).expect("copy");
        }
    };
    renew("server");
    let server = Server::start_with(&["--tls-cert", &cert, "--tls-key", &key]).await;
    assert!(subject(&server).await.ends_with("server"));

    renew("other");
    server.signal(Signal::HUP);
    until_logged(&server, "read the certificate again", 1).await;
    assert!(subject(&server).await.ends_with("other"));

    fs::write(&key, "nonsense").expect("write");
    server.signal(Signal::HUP);
    until_logged(&server, "keeping the certificate as it was", 1).await;
    assert!(subject(&server).await.ends_with("other"));
}

#[tokio::test]
async fn a_server_without_a_certificate_goes_on() {
    let mut server = Server::start().await;
    let mut stream = server.stream(None).await;
    stream.opening().await;
    for times in 1..=2 {
        server.signal(Signal::HUP);
        until_logged(&server, "SIGHUP: ", times).await;
    }
    let board = server.user("ada").await.board("one").await;
    assert_eq!(stream.ids(1).await, [board]);
    server.signal(Signal::TERM);
    assert!(server.wait().await.success());
}
