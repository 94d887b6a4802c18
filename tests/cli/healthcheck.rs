//! `dotcast healthcheck`.

use tokio::net::TcpListener;

use super::options::dotcast;
use crate::harness::{Certificates, Server, server::free_address};

/// Under which address a server is configured that listens at `url`.
fn listen(url: &str) -> &str {
    url.split_once("://").expect("a URL").1
}

#[tokio::test]
async fn a_server_that_is_ready_is_told_by_success() {
    let server = Server::start().await;
    let expected = format!("{} is ready\n", server.url);
    let port = server.url.rsplit(':').next().expect("a port");
    let everywhere = format!("0.0.0.0:{port}");
    for (arguments, environment) in [
        (&["--url", &server.url][..], &[][..]),
        (&["--listen", listen(&server.url)], &[]),
        (&[], &[("DOTCAST_LISTEN", listen(&server.url))]),
        // As in a container: the server listens on all addresses.
        (&[], &[("DOTCAST_LISTEN", &*everywhere)]),
        // Nothing is asked through a proxy.
        (
            &["--url", &server.url],
            &[("http_proxy", "http://127.0.0.1:9")],
        ),
    ] {
        let arguments = [&["healthcheck"], arguments].concat();
        let run = dotcast(&arguments, environment).await;
        assert_eq!(run.printed(), expected, "{arguments:?}");
    }
}

/// Its certificate is for another name.
#[tokio::test]
async fn an_encrypted_server_on_this_machine_is_asked_without_its_name() {
    let certificates = Certificates::new();
    let file = |name| certificates.path(name).display().to_string();
    let (cert, key) = (file("other.crt"), file("other.key"));
    let server = Server::start_with(&["--tls-cert", &cert, "--tls-key", &key]).await;
    let environment = [
        ("DOTCAST_LISTEN", listen(&server.url)),
        ("DOTCAST_TLS_CERT", &cert),
        ("DOTCAST_TLS_KEY", &key),
    ];
    let printed = dotcast(&["healthcheck"], &environment).await.printed();
    assert_eq!(printed, format!("{} is ready\n", server.url));
    // A server that is named must be trusted.
    let named = dotcast(&["healthcheck", "--url", &server.url], &[]).await;
    let complaint = named.complaint(1);
    assert!(complaint.contains("certificate"), "{complaint}");
    let (cert, key, authority) = (
        file("server.crt"),
        file("server.key"),
        file("authority.crt"),
    );
    let server = Server::start_with(&["--tls-cert", &cert, "--tls-key", &key]).await;
    let trusting = ["healthcheck", "--url", &server.url, "--cacert", &authority];
    let printed = dotcast(&trusting, &[]).await.printed();
    assert_eq!(printed, format!("{} is ready\n", server.url));
}

#[tokio::test]
async fn what_is_not_ready_is_told_in_one_line() {
    // Nobody is there.
    let address = free_address().to_string();
    let absent = dotcast(&["healthcheck", "--listen", &address], &[]).await;
    let start = format!("error: http://{address} is not ready: ");
    let complaint = absent.complaint(1);
    assert!(complaint.starts_with(&start), "{complaint}");

    // Somebody is there and does not answer.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = silent.local_addr().expect("an address").to_string();
    let arguments = ["healthcheck", "--listen", &address, "--timeout", "50ms"];
    let complaint = dotcast(&arguments, &[]).await.complaint(1);
    assert!(complaint.contains("no answer within 50ms"), "{complaint}");

    // What is missing is told beforehand.
    for (arguments, told) in [
        (&["--listen", "127.0.0.1:0"][..], "--url"),
        (&["--tls-cert", "x"], "--tls-key"),
        (&["--url", "localhost:8000"], "http://"),
        (&["--wait", "long"], "DOTCAST_WAIT"),
    ] {
        let arguments = [&["healthcheck"], arguments].concat();
        let complaint = dotcast(&arguments, &[]).await.complaint(2);
        assert!(complaint.contains(told), "{arguments:?}: {complaint}");
    }
}

#[tokio::test]
async fn with_wait_it_asks_until_the_server_is_ready() {
    let address = free_address().to_string();
    let arguments = ["healthcheck", "--listen", &address, "--wait", "30s"];
    let options = ["--listen", &address];
    let (run, _server) = tokio::join!(dotcast(&arguments, &[]), Server::start_with(&options));
    assert_eq!(run.printed(), format!("http://{address} is ready\n"));

    let address = free_address().to_string();
    let arguments = ["healthcheck", "--listen", &address, "--wait", "300ms"];
    let complaint = dotcast(&arguments, &[]).await.complaint(1);
    assert!(complaint.contains("is not ready"), "{complaint}");
}
