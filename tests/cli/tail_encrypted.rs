//! `dotcast tail` over TLS.

use crate::harness::{Certificates, Follower, Server, program, run};

async fn encrypted(certificates: &Certificates) -> Server {
    let plain = Server::start().await;
    plain.user("ada").await.board("one").await;
    let file = |name| certificates.path(name).display().to_string();
    let (cert, key) = (file("server.crt"), file("server.key"));
    Server::start_on(plain.database(), &["--tls-cert", &cert, "--tls-key", &key]).await
}

#[tokio::test]
async fn it_trusts_the_authority_that_it_is_told_to() {
    let certificates = Certificates::new();
    let server = encrypted(&certificates).await;
    let authority = certificates.path("authority.crt").display().to_string();
    let arguments = ["--after", "0", "--cacert", &authority];
    assert_eq!(Follower::start(&server.url, &arguments).ids(1).await, [1]);
}

/// Trying again would help as little as with a wrong address.
#[tokio::test]
async fn a_server_that_cannot_be_trusted_ends_it() {
    let certificates = Certificates::new();
    let server = encrypted(&certificates).await;
    let other = certificates.path("other.crt").display().to_string();
    let plain = Server::start().await;
    let not_encrypted = plain.url.replace("http:", "https:");
    for (url, arguments) in [
        (&server.url, &[][..]),
        (&server.url, &["--cacert", &other]),
        (&not_encrypted, &[]),
    ] {
        let mut command = program();
        command.args(["tail", "--url", url]).args(arguments);
        let complaint = run(&mut command, "").await.complaint(1);
        let start = "error: cannot connect securely: ";
        assert!(complaint.starts_with(start), "{complaint}");
    }
    // The other way round, the server says what is wrong.
    let unencrypted = server.url.replace("https:", "http:");
    let mut command = program();
    command.args(["tail", "--url", &unencrypted]);
    let complaint = run(&mut command, "").await.complaint(1);
    assert!(
        complaint.contains("https:// instead of http://"),
        "{complaint}"
    );
    let key = certificates.path("server.key").display().to_string();
    for (file, told) in [
        ("none.crt", "cannot read it"),
        (&key, "certificates as PEM"),
    ] {
        let mut command = program();
        command.args(["tail", "--url", &server.url, "--cacert", file]);
        let complaint = run(&mut command, "").await.complaint(2);
        assert!(complaint.contains(told), "{complaint}");
        assert!(complaint.contains("DOTCAST_CACERT"), "{complaint}");
    }
}
