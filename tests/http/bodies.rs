//! Incoming bodies take no more memory than allowed, over every version of HTTP.

use bytes::Bytes;
use futures_util::{future::join_all, stream};
use reqwest::{Body, Certificate, Client, RequestBuilder};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::mpsc,
    task::JoinHandle,
};

use crate::{
    harness::{Certificates, Server, client, eventually, within},
    metrics::page::hits,
};

/// The smallest value of the option, so that one client may hold one body of a mebibyte.
const ROOM: &str = "4MiB";
/// Takes up a mebibyte.
const MORE_THAN_HALF: usize = 600 << 10;

/// How requests are sent.
struct Transport {
    name: &'static str,
    server: Server,
    /// Each call is a client with its own connections.
    client: Box<dyn Fn() -> Client>,
    /// Whether the length of a body is declared.
    announces: bool,
}

async fn transports(certificates: &Certificates) -> Vec<Transport> {
    let file = |name: &str| certificates.path(name).display().to_string();
    let (cert, key) = (file("server.crt"), file("server.key"));
    let encrypted = ["--tls-cert", &cert, "--tls-key", &key];
    let authority = std::fs::read(certificates.path("authority.crt")).expect("a certificate");
    let authority = Certificate::from_pem(&authority).expect("a certificate");
    let mut transports = Vec::new();
    let mut add = async |name, options: &[&str], announces, client| {
        // Only the lack of memory refuses anything.
        let limits = [
            "--max-body-memory",
            ROOM,
            "--request-rate",
            "off",
            // The first of many must still be waiting when the last has arrived.
            "--request-timeout",
            "5m",
            "--max-requests",
            "1000",
            "--max-requests-per-client",
            "1000",
        ];
        let options = [&limits, options].concat();
        let server = Server::start_with(&options).await;
        transports.push(Transport {
            name,
            server,
            client,
            announces,
        });
    };
    add("HTTP/1.1", &[], true, Box::new(client::http)).await;
    add("HTTP/1.1, chunked", &[], false, Box::new(client::http)).await;
    add("HTTP/2", &[], false, Box::new(client::http2)).await;
    for version in ["TLS, HTTP/1.1", "TLS, HTTP/2"] {
        let authority = authority.clone();
        let client = move || {
            let client = Client::builder()
                .no_proxy()
                .tls_certs_only([authority.clone()]);
            let client = match version {
                "TLS, HTTP/2" => client.http2_prior_knowledge(),
                _ => client.http1_only(),
            };
            client.build().expect("an HTTP client")
        };
        add(version, &encrypted, false, Box::new(client)).await;
    }
    transports
}

/// A request whose body is not yet complete.
struct Slow {
    rest: mpsc::UnboundedSender<Bytes>,
    answer: JoinHandle<(u16, Value)>,
}

impl Transport {
    /// A request of a client that a trusted proxy names, or of an unnamed one.
    fn request(&self, from: Option<&str>) -> RequestBuilder {
        let request = (self.client)().post(format!("{}/api/v1/users", self.server.url));
        let request = request.header("Content-Type", "application/json");
        match from {
            Some(from) => request.header("X-Forwarded-For", from),
            None => request,
        }
    }

    /// Sends the first `size` bytes of a body that is larger by one.
    fn begin(&self, from: Option<&str>, size: usize) -> Slow {
        let (rest, mut chunks) = mpsc::unbounded_channel::<Bytes>();
        let body = stream::poll_fn(move |context| {
            let next = chunks.poll_recv(context);
            next.map(|chunk| chunk.map(Ok::<_, std::io::Error>))
        });
        let mut request = self.request(from).body(Body::wrap_stream(body));
        if self.announces {
            request = request.header("Content-Length", size + 1);
        }
        if size > 0 {
            rest.send(Bytes::from(vec![b' '; size])).expect("a request");
        }
        let answer = tokio::spawn(send(request));
        Slow { rest, answer }
    }

    /// Like [`begin`](Self::begin), once the body has memory: the probe for that takes some as well.
    async fn hold(&self, from: Option<&str>, size: usize) -> Slow {
        let mut slow = self.begin(from, size);
        let held = async {
            while self.try_small(from).await == 422 {
                if slow.answer.is_finished() {
                    slow = self.begin(from, size);
                }
            }
        };
        within(self.name, held).await;
        slow
    }

    /// The status of a small body that breaks rules.
    async fn try_small(&self, from: Option<&str>) -> u16 {
        self.try_body(from, "{}").await
    }

    async fn try_body(&self, from: Option<&str>, body: &str) -> u16 {
        let (status, problem) = send(self.request(from).body(body.to_owned())).await;
        let code = problem["code"].as_str().expect("a code");
        let expected = match status {
            422 => "validation_failed",
            429 => "rate_limited",
            503 => "unavailable",
            other => panic!("{}: {other} {code}", self.name),
        };
        assert_eq!(code, expected, "{}", self.name);
        status
    }

    async fn until(&self, from: Option<&str>, status: u16) {
        eventually(
            &format!("{}: {from:?} gets {status}", self.name),
            || async { (self.try_small(from).await == status).then_some(()) },
        )
        .await;
    }
}

async fn send(request: RequestBuilder) -> (u16, Value) {
    let answer = within("an answer", request.send())
        .await
        .expect("an answer");
    let status = answer.status().as_u16();
    let waits = answer.headers().get("Retry-After");
    assert_eq!([429, 503].contains(&status), waits.is_some(), "{status}");
    let body = within("a body", answer.bytes()).await.expect("a body");
    (status, serde_json::from_slice(&body).expect("JSON"))
}

impl Slow {
    /// Sends the rest; returns the status.
    async fn finish(self) -> u16 {
        self.rest.send(Bytes::from_static(b" ")).expect("a request");
        drop(self.rest);
        self.answer.await.expect("an answer").0
    }

    /// Disconnects.
    fn cut(self) {
        self.answer.abort();
    }
}

#[tokio::test]
async fn one_client_holds_a_quarter_of_the_room_and_all_hold_no_more_than_there_is() {
    let certificates = Certificates::new();
    for it in transports(&certificates).await {
        let clients = ["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"].map(Some);
        let [ada, .., eve] = clients;
        let first = it.hold(ada, MORE_THAN_HALF).await;
        it.until(ada, 429).await;
        // A client that sends everything at once is told, too, and not just cut.
        let whole = " ".repeat(1 << 20);
        assert_eq!(it.try_body(ada, &whole).await, 429, "{}", it.name);
        assert_eq!(it.try_small(eve).await, 422, "{}", it.name);
        assert_eq!(it.try_small(None).await, 422, "{}", it.name);

        let mut others = Vec::new();
        for from in &clients[1..] {
            others.push(it.hold(*from, MORE_THAN_HALF).await);
        }
        for from in [None, Some("203.0.113.5")] {
            it.until(from, 503).await;
            assert_eq!(it.try_body(from, &whole).await, 503, "{}", it.name);
        }

        // Memory is freed when a body has been read, and when its client has disconnected.
        assert_eq!(first.finish().await, 400, "{}", it.name);
        it.until(ada, 422).await;
        it.until(None, 422).await;
        others.into_iter().for_each(Slow::cut);
        it.until(eve, 422).await;
        let mut all = Vec::new();
        for from in clients {
            all.push(it.hold(from, MORE_THAN_HALF).await);
        }
        it.until(None, 503).await;
        for slow in all {
            assert_eq!(slow.finish().await, 400, "{}", it.name);
        }
        it.until(None, 422).await;
        for limit in ["bodies", "bodies_per_client"] {
            assert!(hits(&it.server, limit).await >= 1, "{limit}, {}", it.name);
        }
    }
}

#[tokio::test]
async fn bodies_of_which_nothing_comes_are_counted_too() {
    let certificates = Certificates::new();
    for it in transports(&certificates).await {
        let ada = Some("203.0.113.1");
        let mut silent: Vec<_> = (0..256).map(|_| it.begin(ada, 0)).collect();
        let full = async {
            while it.try_small(ada).await != 429 {
                // The probe takes memory meanwhile, for lack of which one of them may have been refused.
                silent.push(it.begin(ada, 0));
            }
        };
        within(it.name, full).await;
        assert_eq!(it.try_small(None).await, 422, "{}", it.name);
        let statuses = join_all(silent.into_iter().map(Slow::finish)).await;
        assert!(
            statuses.iter().all(|it| [400, 429].contains(it)),
            "{}",
            it.name
        );
        it.until(ada, 422).await;
    }
}

#[tokio::test]
async fn an_unread_body_of_http_2_is_held_up_by_its_windows() {
    let server = Server::start().await;
    let address = server.url.trim_start_matches("http://");
    let mut socket = TcpStream::connect(address).await.expect("connect");
    // The preface, and empty settings (RFC 9113, 3.4).
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    socket.write_all(preface).await.expect("write");
    let (mut stream, mut connection) = (None, None);
    while stream.is_none() || connection.is_none() {
        let mut head = [0; 9];
        within("a frame", socket.read_exact(&mut head))
            .await
            .expect("a frame");
        let length = usize::from(head[1]) << 8 | usize::from(head[2]);
        let mut frame = vec![0; length];
        within("a frame", socket.read_exact(&mut frame))
            .await
            .expect("a frame");
        let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().expect("four bytes"));
        match (head[3], head[4]) {
            // SETTINGS that are no acknowledgement: `SETTINGS_INITIAL_WINDOW_SIZE` is 4.
            (4, 0) => {
                let settings = frame.chunks(6);
                let mut window = settings.filter(|it| it[..2] == [0, 4]);
                stream = Some(window.next().map_or(65_535, |it| number(&it[2..])));
            }
            // WINDOW_UPDATE of the whole connection, which begins with 65,535.
            (8, _) => connection = Some(65_535 + number(&frame)),
            _ => {}
        }
    }
    assert_eq!(stream, Some(64 << 10));
    assert_eq!(connection, Some(256 << 10));
}
