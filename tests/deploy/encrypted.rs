//! Proxies that speak TLS and HTTP/2, by the lines for it in their configurations that are comments.

use reqwest::Version;
use rustix::process::Signal;
use serde_json::json;

use super::Deployment;
use crate::harness::{Certificates, Database, Proxy, client::http_trusting, proxy::Kind, within};

behind_each_proxy!(a_proxy_speaks_tls);

async fn a_proxy_speaks_tls(kind: Kind) {
    let certificates = Certificates::new();
    let options = ["--keep-alive", "1h", "--poll-interval", "20ms"];
    let (servers, addresses) = Deployment::servers(&Database::sqlite(), &options).await;
    let proxy = Proxy::start_encrypted(kind, addresses, &certificates).await;
    let mut deployment = Deployment { servers, proxy };
    let http = http_trusting(certificates.authority());
    let mut ada = deployment.proxy.client().over(&http);
    ada.register_and_log_in("ada").await;

    let credentials = json!({ "username": "ada", "password": "correct horse" });
    let session = ada.post("/api/v1/sessions", &credentials).await.expect(201);
    let cookie = session.header("set-cookie");
    assert!(cookie.starts_with("__Host-dotcast_session="), "{cookie}");
    assert!(cookie.contains("Secure"), "{cookie}");

    let mut stream = ada.stream(0).await;
    assert_eq!(stream.version(), Version::HTTP_2);
    assert_eq!(stream.opening().await, 0);
    for id in 1..=5 {
        assert_eq!(ada.board("one").await, id);
        assert_eq!(stream.ids(1).await, [id]);
    }

    for number in [0, 1] {
        deployment.stop(number, Signal::TERM).await;
    }
    let url = format!("{}/sse/notifications/", deployment.proxy.url);
    let broken = within("an end", http.get(url).send()).await;
    assert!(broken.is_err(), "{broken:?}");
}
