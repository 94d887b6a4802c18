//! What a proxy makes of servers that fail while they are there.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use reqwest::Method;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::harness::{Proxy, client::http, proxy::Kind, within};

behind_each_proxy!(a_post_is_sent_once, a_servers_error_breaks_a_stream);

/// What an instance does with a request after it has read it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Deed {
    Breaks,
    Refuses,
}

async fn a_post_is_sent_once(kind: Kind) {
    for deed in [Deed::Breaks, Deed::Refuses] {
        let instances = [Instance::start(deed).await, Instance::start(deed).await];
        let proxy = Proxy::start(kind, [instances[0].address, instances[1].address]).await;
        let ask = async |method: Method| {
            let before = instances.each_ref().map(Instance::requests);
            let body = if method == Method::POST { "{}" } else { "" };
            let request = http().request(method, format!("{}/api/v1/boards", proxy.url));
            let answer = within("an answer", request.body(body).send()).await;
            let status = answer.expect("an answer").status().as_u16();
            assert!([502, 503].contains(&status), "{status}");
            [0, 1].map(|number| instances[number].requests() - before[number])
        };
        let sent: usize = ask(Method::POST).await.iter().sum();
        assert_eq!(sent, 1, "{deed:?}");
        // It is not that it never sends one again.
        let sent = ask(Method::GET).await;
        if (kind, deed) == (Kind::Caddy, Deed::Refuses) {
            assert_eq!(sent.iter().sum::<usize>(), 1);
        } else {
            assert!(sent.iter().all(|&it| it > 0), "{deed:?} {sent:?}");
        }
    }
}

/// A browser's `EventSource` gives up on an error status, and comes back when the connection breaks.
async fn a_servers_error_breaks_a_stream(kind: Kind) {
    let instance = Instance::start(Deed::Refuses).await;
    let proxy = Proxy::start(kind, [instance.address, instance.address]).await;
    let request = http().get(format!("{}/sse/notifications/", proxy.url));
    let broken = within("an end", request.send()).await;
    assert!(broken.is_err(), "{broken:?}");
    assert!(instance.requests() > 0);
}

/// A server that is alive, but answers nothing else well.
struct Instance {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Instance {
    async fn start(deed: Deed) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(answer(client, deed, Arc::clone(&counted)));
            }
        });
        Self { address, requests }
    }

    /// How many requests have arrived, without those that ask whether it is alive.
    fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

/// Reads one request, to the end of its body if it has one, `{}`, and does the deed.
async fn answer(mut client: TcpStream, deed: Deed, requests: Arc<AtomicUsize>) {
    let mut request = Vec::new();
    let is_alive = loop {
        if client.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return;
        }
        let end: &[u8] = if request.starts_with(b"GET") {
            b"\r\n\r\n"
        } else {
            b"{}"
        };
        if request.ends_with(end) {
            break request.starts_with(b"GET /healthz");
        }
    };
    let status = if is_alive {
        "200 OK"
    } else {
        requests.fetch_add(1, Ordering::Relaxed);
        if deed == Deed::Breaks {
            return;
        }
        "503 Service Unavailable"
    };
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    // It may have gone.
    let _ = client.write_all(answer.as_bytes()).await;
}
