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

/// How lines end, also those that are empty.
fn end() -> impl Strategy<Value = &'static [u8]> {
    select(vec![&b"\n"[..], b"\r", b"\r\n"])
}

/// What values are made of, and what should not be in them. The last are not UTF-8, or only with what follows.
fn text() -> impl Strategy<Value = &'static [u8]> {
    let texts = [
        ":",
        " ",
        "x",
        "é",
        "7",
        "250",
        "18446744073709551616",
        "+1",
        "\0",
        "\u{feff}",
    ];
    let bytes = [&b"\xff"[..], b"\xc3", b"\xa9", b"\xef\xbb"];
    prop_oneof![
        4 => select(texts.map(str::as_bytes).to_vec()),
        1 => select(bytes.to_vec()),
    ]
}

/// A line with its end; an empty one; or something that is neither.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let fields = ["data", "event", "id", "retry", "other", ""].map(str::as_bytes);
    let colons = [": ", ":", ""].map(str::as_bytes);
    let (field, colon) = (select(fields.to_vec()), select(colons.to_vec()));
    let line = (field, colon, vec(text(), 0..3), end());
    prop_oneof![
        4 => line.prop_map(|(field, colon, value, end)| [field, colon, &value.concat(), end].concat()),
        2 => end().prop_map(<[u8]>::to_vec),
        1 => text().prop_map(<[u8]>::to_vec),
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
