//! How the server ends connections: the client still gets what it was sent last.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::transport::{Security, Site};
use crate::harness::within;

/// More than sockets buffer, and more than the library reads by itself of an unwanted body.
const SIZE: usize = 24 << 20;

#[tokio::test]
async fn a_client_that_sends_all_before_it_reads_gets_its_answer() {
    for security in Security::ALL {
        let site = Site::start(security, &[]).await;
        for _ in 0..5 {
            let mut socket = site.connect("http/1.1").await;
            let head = format!(
                "POST /api/v1/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                 Content-Type: application/json\r\nContent-Length: {SIZE}\r\n\r\n"
            );
            let exchange = async {
                socket.write_all(head.as_bytes()).await?;
                socket.write_all(&vec![b' '; SIZE]).await?;
                let mut answer = String::new();
                socket.read_to_string(&mut answer).await?;
                std::io::Result::Ok(answer)
            };
            let answer = within("the exchange", exchange).await;
            let answer = answer.expect("no reset");
            assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
            assert!(answer.ends_with('}'), "{answer}");
        }
    }
}
