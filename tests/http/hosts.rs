//! Which host a request is for.

use http::Request;

use super::{
    Wire,
    transport::{Security, Site, read},
};

const CLOSE: &str = "Connection: close\r\n\r\n";

#[tokio::test]
async fn http_1_1_says_it_once() {
    for security in Security::ALL {
        let site = Site::start(security, &[]).await;
        for (request, status) in [
            ("GET /healthz HTTP/1.1\r\n", 400),
            ("GET http://a/healthz HTTP/1.1\r\n", 400),
            ("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n", 400),
            ("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n", 400),
            ("GET /healthz HTTP/1.1\r\nHost: a b\r\n", 400),
            ("GET /healthz HTTP/1.0\r\nHost: a\r\nHost: a\r\n", 400),
            ("GET /healthz HTTP/1.1\r\nHost: a:65616\r\n", 400),
            ("GET http://a:65616/healthz HTTP/1.1\r\nHost: b\r\n", 400),
            ("GET /healthz HTTP/1.1\r\nHost: a:81\r\n", 200),
            ("GET http://a/healthz HTTP/1.1\r\nHost: b\r\n", 200),
            ("GET /healthz HTTP/1.0\r\n", 200),
        ] {
            let mut wire = Wire::on(site.connect("http/1.1").await);
            wire.send(&format!("{request}{CLOSE}")).await;
            let answer = wire.rest().await.expect("an answer");
            let expected = format!(" {status} ");
            assert_eq!(&answer[8..13], expected, "{request} {answer}");
            let names_it = answer.contains("\"field\":\"Host\"");
            assert_eq!(names_it, status == 400, "{request} {answer}");
        }
    }
}

#[tokio::test]
async fn http_2_says_it_by_its_authority_or_a_host_that_agrees() {
    for security in Security::ALL {
        let site = Site::start(security, &[]).await;
        let client = site.http_2(1 << 20).await;
        for (target, hosts, status) in [
            ("http://a/healthz", &[][..], 200),
            ("http://a/healthz", &["a"], 200),
            ("http://a/healthz", &["b"], 400),
            ("http://a/healthz", &["a", "a"], 400),
            ("http://a:65616/healthz", &[], 400),
        ] {
            let mut request = Request::get(target).version(http::Version::HTTP_2);
            for host in hosts {
                request = request.header("Host", *host);
            }
            let sent = client
                .send(request.body(()).expect("a request"), true)
                .await;
            let answer = sent.answer().await.expect("an answer");
            assert_eq!(answer.status(), status, "{target} {hosts:?}");
            let body = read(answer.into_body()).await.expect("a body");
            let body = String::from_utf8(body).expect("text");
            let names_it = body.contains("\"field\":\"Host\"");
            assert_eq!(names_it, status == 400, "{target} {hosts:?} {body}");
        }
    }
}
