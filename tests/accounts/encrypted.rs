//! The session cookie over the server's own TLS, as a browser uses it.

use serde_json::Value;

use crate::harness::{Certificates, Server, client::board, within};

#[tokio::test]
async fn a_browser_logs_in_saves_and_logs_out_over_either_version() {
    let certificates = Certificates::new();
    let file = |name: &str| certificates.path(name).display().to_string();
    let (cert, key) = (file("server.crt"), file("server.key"));
    let server = Server::start_with(&["--tls-cert", &cert, "--tls-key", &key]).await;
    let authority = std::fs::read(certificates.path("authority.crt")).expect("a certificate");
    let authority = reqwest::Certificate::from_pem(&authority).expect("a certificate");
    let _ = rustls::crypto::ring::default_provider().install_default();
    for (name, version) in [
        ("ada", reqwest::Version::HTTP_2),
        ("grace", reqwest::Version::HTTP_11),
    ] {
        let mut http = reqwest::Client::builder()
            .tls_certs_only([authority.clone()])
            .no_proxy();
        if version == reqwest::Version::HTTP_11 {
            http = http.http1_only();
        }
        let http = http.build().expect("a client");
        let url = |path: &str| format!("{}/api/v1/{path}", server.url);
        let body = serde_json::json!({ "username": name, "password": "correct horse" });
        let post = async |path: &str, cookie: Option<&str>, body: &Value| {
            let mut request = http
                .post(url(path))
                .json(body)
                .header("Origin", &server.url);
            if let Some(cookie) = cookie {
                request = request.header("Cookie", cookie);
            }
            within("an answer", request.send())
                .await
                .expect("an answer")
        };
        assert_eq!(post("users", None, &body).await.status(), 201);
        let logged_in = post("sessions", None, &body).await;
        assert_eq!(
            (logged_in.status().as_u16(), logged_in.version()),
            (201, version)
        );
        let set = logged_in.headers()["set-cookie"]
            .to_str()
            .expect("text")
            .to_owned();
        let (cookie, attributes) = set.split_once("; ").expect("attributes");
        assert!(cookie.starts_with("__Host-dotcast_session="), "{set}");
        // What that name demands (RFC 6265bis, 4.1.3.2).
        assert!(
            attributes.starts_with("Path=/; ") && attributes.ends_with("; Secure"),
            "{set}"
        );
        assert!(!attributes.contains("Domain"), "{set}");
        assert_eq!(
            post("boards", Some(cookie), &board("first")).await.status(),
            201
        );
        let log_out = http
            .delete(url("sessions/current"))
            .header("Origin", &server.url)
            .header("Cookie", cookie);
        let ended = within("an answer", log_out.send())
            .await
            .expect("an answer");
        assert_eq!(ended.status(), 204);
        assert_eq!(
            post("boards", Some(cookie), &board("first")).await.status(),
            401
        );
    }
}
