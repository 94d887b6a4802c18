//! Where the bytes are split makes no difference.

use proptest::prelude::*;

use super::*;

const TEXT: &str = ": hello\nretry: 2000\nid: 7\nevent: cursor\ndata: {\"id\":7}\n\n\
    id: 8\nevent: newBoard\ndata: {\"board_name\":\"#0.5#\"}\n\n\
    : keep-alive\n\n\
    id:9\r\ndata:#1.6#\r\n\r\n\
    id: 10\ndata: cut off #2.7#\n";

fn plain() -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n{TEXT}").into_bytes()
}

/// Chunks of these sizes, in turn.
fn chunked(sizes: &[usize]) -> Vec<u8> {
    let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n".to_vec();
    let mut rest = TEXT.as_bytes();
    for &size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, behind) = rest.split_at(size.min(rest.len()));
        bytes.extend(format!("{:X};x=1\r\n", chunk.len()).bytes());
        bytes.extend(chunk);
        bytes.extend(b"\r\n");
        rest = behind;
    }
    bytes
}

fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Marker>, Vec<u8>) {
    let mut decoder = Decoder::default();
    let mut markers = Vec::new();
    for piece in pieces {
        let fed = decoder.feed(piece, |marker| markers.push(marker));
        fed.expect("an event stream");
    }
    (markers, decoder.last_event_id().to_vec())
}

fn expected() -> (Vec<Marker>, Vec<u8>) {
    let marker = |sequence, sent| Marker { sequence, sent };
    (vec![marker(0, 5), marker(1, 6)], b"9".to_vec())
}

proptest! {
    #[test]
    fn it_does_not_matter_where_the_bytes_are_split(
        sizes in proptest::collection::vec(1_usize..40, 1..8),
        pieces in proptest::collection::vec(1_usize..40, 1..8),
        chunks in any::<bool>(),
    ) {
        let bytes = if chunks { chunked(&sizes) } else { plain() };
        let mut rest = bytes.as_slice();
        let mut sizes = pieces.iter().cycle();
        let pieces = std::iter::from_fn(|| {
            let size = (*sizes.next()?).min(rest.len());
            let (piece, behind) = rest.split_at(size);
            rest = behind;
            (size > 0).then_some(piece)
        });
        prop_assert_eq!(decode(pieces), expected());
    }
}

#[test]
fn an_event_that_is_cut_off_does_not_count_and_is_not_resumed_from() {
    assert_eq!(decode([plain().as_slice()].into_iter()), expected());
}

#[test]
fn what_is_no_stream_is_refused() {
    let mut decoder = Decoder::default();
    let fed = decoder.feed(b"HTTP/1.1 503 Busy\r\n\r\n", |_| {});
    assert_eq!(fed, Err(Malformed::Status("http/1.1 503 busy".to_owned())));
    let mut decoder = Decoder::default();
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    assert_eq!(decoder.feed(head, |_| {}), Err(Malformed::Chunk));
}

#[test]
fn a_stream_is_open_when_its_body_has_begun() {
    let mut decoder = Decoder::default();
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n";
    decoder.feed(head, |_| {}).expect("an event stream");
    assert!(!decoder.is_open());
    decoder.feed(b":", |_| {}).expect("an event stream");
    assert!(decoder.is_open());
}

#[test]
fn the_last_chunk_ends_the_stream() {
    let mut decoder = Decoder::default();
    let bytes = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    decoder.feed(bytes, |_| {}).expect("an event stream");
    assert!(decoder.has_ended());
}

#[test]
fn several_messages_in_one_event_count_each() {
    let bytes = b"HTTP/1.1 200 OK\r\n\r\nevent: data\ndata:[\"#0.5#\",\"#1.6#\"]\n\n";
    let (markers, _) = decode([&bytes[..]].into_iter());
    let marker = |sequence, sent| Marker { sequence, sent };
    assert_eq!(markers, [marker(0, 5), marker(1, 6)]);
}
