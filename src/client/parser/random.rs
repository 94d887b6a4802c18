//! Random streams, cut at random, say the same to us and to another parser, the crate `sse-stream`.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use proptest::{collection::vec, prelude::*, sample::select};
use sse_stream::SseByteStream;

use super::{Message, tests::parse};

/// What the other one finds. It gives blocks as they are written, and refuses what is not UTF-8. So the rest of WHATWG
/// HTML, 9.2.6, is done here: a stream is decoded first, with U+FFFD for what cannot be; an id stays the newest until
/// there is another; and a block without data is no event.
fn parse_elsewhere(stream: &[u8]) -> (Vec<Message>, Option<Duration>) {
    let decoded = String::from_utf8_lossy(stream).into_owned();
    let pieces = stream::iter([Ok::<_, Infallible>(Bytes::from(decoded))]);
    let blocks = SseByteStream::new(pieces)
        .collect::<Vec<_>>()
        .now_or_never();
    let (mut messages, mut retry, mut last_event_id) = (Vec::new(), None, String::new());
    for block in blocks.expect("all of it is there") {
        let block = block.expect("text");
        retry = block.retry.map(Duration::from_millis).or(retry);
        last_event_id = block.id.unwrap_or(last_event_id);
        let event = block.event.filter(|it| !it.is_empty());
        messages.extend(block.data.map(|data| Message {
            event: event.unwrap_or_else(|| "message".to_owned()),
            data,
            last_event_id: last_event_id.clone(),
        }));
    }
    (messages, retry)
}

/// What streams are made of, and what should not be in them.
fn part() -> impl Strategy<Value = &'static [u8]> {
    let ends = select(vec!["\n", "\r", "\r\n", "\n\n"]);
    let fields = select(vec!["data", "event", "id", "retry", "other"]);
    let rest = select(vec![
        ":",
        ": ",
        ":  ",
        " ",
        "x",
        "é",
        "7",
        "250",
        "18446744073709551616",
        "\0",
        "\u{feff}",
        "+1",
    ]);
    // Not UTF-8, or only with what follows.
    let bytes = select(vec![&b"\xff"[..], b"\xc3", b"\xa9", b"\xef\xbb"]);
    prop_oneof![
        4 => ends.prop_map(str::as_bytes),
        4 => fields.prop_map(str::as_bytes),
        6 => rest.prop_map(str::as_bytes),
        1 => bytes,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_stream_says_the_same_to_both_however_it_is_cut(
        starts_with_mark in any::<bool>(),
        parts in vec(part(), 0..60),
        sizes in vec(0_usize..8, 1..9),
    ) {
        let mut stream = if starts_with_mark { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
        stream.extend(parts.concat());
        // The other one tells the pause only at the end of its block.
        stream.extend(b"\n\n");
        let mut pieces = Vec::new();
        let mut rest = &stream[..];
        for size in sizes.iter().cycle().take(stream.len()) {
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest);
        let found = parse(&pieces);
        prop_assert_eq!(&found, &parse(&[&stream]));
        prop_assert_eq!(found, parse_elsewhere(&stream));
    }
}
