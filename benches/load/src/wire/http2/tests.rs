//! Frames, wherever they are split.

use proptest::prelude::*;

use super::*;

fn connection(requests: usize) -> Connection {
    let ids: [&[u8]; 3] = [b"", b"7", b"8"];
    let ids = ids.into_iter().cycle().take(requests);
    Connection::new("host", ids.map(|id| ("/path".to_owned(), id)))
}

fn frames(of: &[(u8, u8, u32, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for &(kind, flags, stream, content) in of {
        push(&mut bytes, kind, flags, stream, content);
    }
    bytes
}

/// What came on each of two streams, and what is replied.
fn feed<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Result<([Vec<u8>; 2], Vec<u8>), Malformed> {
    let mut connection = connection(2);
    connection.reply();
    let mut came = [Vec::new(), Vec::new()];
    for piece in pieces {
        connection.feed(piece, |request, text| {
            came[request].extend_from_slice(text);
            Ok(())
        })?;
    }
    Ok((came, connection.reply()))
}

proptest! {
    #[test]
    fn it_does_not_matter_where_the_bytes_are_split(
        sizes in proptest::collection::vec(1_usize..30, 1..8),
    ) {
        let bytes = frames(&[
            (SETTINGS, 0, 0, &[0, 3, 0, 0, 1, 0]),
            (SETTINGS, ACK, 0, &[]),
            // The size of the table, then the status, then a literal.
            (HEADERS, END_HEADERS, 1, &[0x3f, 0x01, 0x88, 0x10]),
            (DATA, 0, 1, b"id: 1\n"),
            (HEADERS, END_HEADERS | PRIORITY, 3, &[0, 0, 0, 0, 1, 0x88]),
            (PING, 0, 0, b"12345678"),
            (DATA, 0, 3, b"id: 2\n"),
            (DATA, 0, 1, b"\n"),
            (250, 0, 0, b"nobody knows"),
        ]);
        let mut rest = bytes.as_slice();
        let mut sizes = sizes.iter().cycle();
        let pieces = std::iter::from_fn(|| {
            let size = (*sizes.next()?).min(rest.len());
            let (piece, behind) = rest.split_at(size);
            rest = behind;
            (size > 0).then_some(piece)
        });
        let (came, reply) = feed(pieces).expect("frames");
        prop_assert_eq!(came, [b"HTTP/1.1 200 OK\r\n\r\nid: 1\n\n", &b"HTTP/1.1 200 OK\r\n\r\nid: 2\n"[..]].map(<[u8]>::to_vec));
        prop_assert_eq!(reply, frames(&[(SETTINGS, ACK, 0, &[]), (PING, ACK, 0, b"12345678")]));
    }
}

#[test]
fn what_ends_a_stream_or_is_no_frame_is_refused() {
    let end = |frame| feed([frames(&[frame]).as_slice()].into_iter()).err();
    assert_eq!(end((DATA, END_STREAM, 1, b"x")), Some(Malformed::Ended));
    assert_eq!(end((RST_STREAM, 0, 1, &[0; 4])), Some(Malformed::Ended));
    assert_eq!(end((GOAWAY, 0, 0, &[0; 8])), Some(Malformed::Ended));
    assert_eq!(end((DATA, 0, 2, b"x")), Some(Malformed::Frame));
    assert_eq!(end((DATA, 0, 5, b"x")), Some(Malformed::Frame));
    assert_eq!(end((DATA, PADDED, 1, b"x")), Some(Malformed::Frame));
    assert_eq!(
        feed([&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..]].into_iter()).err(),
        Some(Malformed::Frame)
    );
    // 404 and 503: one is in the static table, the other is spelt out.
    for fields in [&[0x8d][..], &[0x48, 0x03, b'5', b'0', b'3']] {
        let refused = end((HEADERS, END_HEADERS, 1, fields));
        assert!(matches!(refused, Some(Malformed::Status(_))), "{refused:?}");
    }
}

#[test]
fn room_is_given_back_for_what_was_read() {
    let mut connection = connection(1);
    connection.reply();
    let frame = frames(&[(DATA, 0, 1, &[b'x'; LARGEST])]);
    let mut given = [0; 2];
    let pieces = 3 * CONNECTION_WINDOW as usize / LARGEST;
    for _ in 0..pieces {
        connection.feed(&frame, |_, _| Ok(())).expect("frames");
        for update in connection.reply().chunks(FRAME_HEADER + 4) {
            let stream = usize::from(update[8]);
            given[stream] +=
                u32::from_be_bytes([update[9], update[10], update[11], update[12]]) as usize;
        }
    }
    let total = pieces * LARGEST;
    assert!(
        total - given[0] <= CONNECTION_WINDOW as usize / 2 + LARGEST,
        "{given:?}"
    );
    assert!(
        total - given[1] <= STREAM_WINDOW as usize / 2 + LARGEST,
        "{given:?}"
    );
}

#[test]
fn requests_are_spelt_as_the_standard_says() {
    // RFC 7541, C.1.
    let spelt = |prefix, value| {
        let mut out = Vec::new();
        number(&mut out, prefix, value);
        out
    };
    assert_eq!(spelt(5, 10), [0x0a]);
    assert_eq!(spelt(5, 1337), [0x1f, 0x9a, 0x0a]);
    assert_eq!(spelt(4, 19), [0x0f, 0x04]);
    assert_eq!(
        request("h", "/p", b"7"),
        b"\x82\x87\x01\x01h\x04\x02/p\x0f\x04\x11text/event-stream\x00\x0dlast-event-id\x017"
    );
    let begin = connection(2).reply();
    assert!(begin.starts_with(PREFACE));
    let tail = frames(&[
        (
            HEADERS,
            END_STREAM | END_HEADERS,
            1,
            &request("host", "/path", b""),
        ),
        (
            HEADERS,
            END_STREAM | END_HEADERS,
            3,
            &request("host", "/path", b"7"),
        ),
    ]);
    assert!(begin.ends_with(&tail));
}
