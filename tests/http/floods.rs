//! HTTP/2 frames that cost a client nothing but require an answer or memory each (RFC 9113, 10.5): a client that
//! sends them without end is cut, and the server holds no more memory for it.

use tokio::io::AsyncWriteExt as _;

use super::{
    memory::resident,
    transport::{Security, Site},
};
use crate::harness::within;

/// How a client begins a connection (RFC 9113, 3.4): the preface, and empty settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// `GET http://x/healthz` without the path's value, compressed (RFC 7541, 6.1 and 6.2.2).
const REQUEST: &[u8] = b"\x82\x86\x04\x08/healthz\x01\x01x";
/// What the server may hold for one of them, in bytes. A debug build needs a lot at first use.
const MOST: u64 = 16 << 20;

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let size = u32::try_from(payload.len()).expect("a frame").to_be_bytes();
    let mut frame = vec![size[1], size[2], size[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Many frames of one kind; `round` counts the calls.
type Flood = fn(round: u32) -> Vec<u8>;

const FLOODS: [(&str, Flood); 4] = [
    ("PING", |_| frame(PING, 0, 0, &[0; 8]).repeat(1000)),
    ("SETTINGS", |_| {
        // The initial window, as it is.
        frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 255, 255]).repeat(1000)
    }),
    ("streams that are reset at once", |round| {
        let streams = (0..100).map(|at| (round * 100 + at) * 2 + 1);
        let open_and_reset = streams.flat_map(|stream| {
            let mut frames = frame(HEADERS, END_STREAM | END_HEADERS, stream, REQUEST);
            // CANCEL
            frames.extend(frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]));
            frames
        });
        open_and_reset.collect()
    }),
    ("a head without an end", |round| {
        let mut frames = Vec::new();
        if round == 0 {
            frames.extend(frame(HEADERS, END_STREAM, 1, REQUEST));
        }
        // Never indexed, so that nothing is kept that could be found again (RFC 7541, 6.2.3).
        let field = [b"\x10\x01a\x7f\xfb\x06".as_slice(), &[b'a'; 1024 - 6]].concat();
        frames.extend(frame(CONTINUATION, 0, 1, &field).repeat(100));
        frames
    }),
];

#[tokio::test]
async fn who_sends_frames_without_end_is_cut() {
    for security in Security::ALL {
        let site = Site::start(security, &["--write-timeout", "1s"]).await;
        let other = site.http_2(1 << 20).await;
        assert_eq!(other.get("/healthz").await.status(), 200);
        for (name, flood) in FLOODS {
            let before = resident(&site.server);
            let mut socket = site.connect("h2").await;
            socket.write_all(PREFACE).await.expect("a connection");
            let sending = async {
                for round in 0.. {
                    if socket.write_all(&flood(round)).await.is_err() {
                        break;
                    }
                    if round % 10 == 0 {
                        let now = resident(&site.server);
                        assert!(now < before + MOST, "{name}: {now}, {before} before");
                    }
                }
            };
            within(name, sending).await;
            assert_eq!(other.get("/healthz").await.status(), 200, "{name}");
        }
    }
}
