//! TLS without a proxy.

use serde_json::json;

use super::versions::curl;
use crate::harness::{Certificates, Server, program, run};

async fn server(certificates: &Certificates) -> Server {
    let file = |name: &str| certificates.path(name).display().to_string();
    Server::start_with(&[
        "--tls-cert",
        &file("server.crt"),
        "--tls-key",
        &file("server.key"),
    ])
    .await
}

#[tokio::test]
async fn clients_choose_the_version_and_get_the_same_stream() {
    let certificates = Certificates::new();
    let server = server(&certificates).await;
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let trust = format!("--cacert={}", certificates.path("authority.crt").display());
    let url = format!("{}/sse/notifications/", server.url);
    let opening = ": dotcast\nretry: 2000\nid: 0\nevent: cursor\ndata: {\"id\":0}\n\n";
    for (flag, version) in [("--http2", "HTTP/2 200"), ("--http1.1", "HTTP/1.1 200 OK")] {
        let arguments = [flag, "-i", &trust.replace('=', " ")];
        let arguments: Vec<_> = arguments.iter().flat_map(|it| it.split(' ')).collect();
        let answer = curl(&arguments, &url, opening).await;
        assert!(answer.starts_with(version), "{answer}");
    }
}

#[tokio::test]
async fn a_plain_request_is_told_to_encrypt() {
    let certificates = Certificates::new();
    let server = server(&certificates).await;
    let url = format!("{}/api/v1/boards", server.url.replace("https:", "http:"));
    let answer = curl(&["-i"], &url, "}").await;
    assert!(
        answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
        "{answer}"
    );
    let headers = answer.to_lowercase();
    for header in [
        "connection: close",
        "content-type: application/problem+json",
        "cache-control: no-store",
    ] {
        assert!(headers.contains(header), "{header} in {answer}");
    }
    assert!(answer.contains("\"code\":\"tls_required\""), "{answer}");
}

#[tokio::test]
async fn the_session_cookie_is_for_encrypted_connections_only() {
    let certificates = Certificates::new();
    let server = server(&certificates).await;
    let credentials = json!({ "username": "ada", "password": "correct horse" }).to_string();
    let authority = certificates.path("authority.crt").display().to_string();
    let mut arguments = vec![
        "-i",
        "--cacert",
        &authority,
        "-H",
        "Content-Type: application/json",
        "-d",
        &credentials,
    ];
    curl(&arguments, &format!("{}/api/v1/users", server.url), "}").await;
    arguments.push("--http1.1");
    let answer = curl(&arguments, &format!("{}/api/v1/sessions", server.url), "}}").await;
    let cookie = answer.lines().find(|line| line.starts_with("set-cookie: "));
    assert!(cookie.is_some_and(|it| it.contains("; Secure")), "{answer}");
}

#[tokio::test]
async fn what_is_wrong_with_the_files_is_told_at_the_start() {
    let certificates = Certificates::new();
    for (cert, key, complaint) in [
        ("none.crt", "server.key", "cannot read "),
        ("server.key", "server.key", "it holds no certificate"),
        ("server.crt", "server.crt", "server.crt: "),
        ("server.crt", "authority.key", "cannot use the certificate "),
    ] {
        let mut command = program();
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--tls-cert"])
            .arg(certificates.path(cert))
            .arg("--tls-key")
            .arg(certificates.path(key))
            .current_dir(certificates.path("."));
        let told = run(&mut command, "").await.complaint(2);
        assert!(told.starts_with("error: cannot "), "{told}");
        assert!(told.contains(complaint), "{complaint} in {told}");
    }
}
