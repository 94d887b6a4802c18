//! A stream says the same however its bytes are cut.
//!
//! The first four bytes choose where it is cut; the rest is the stream.
#![no_main]

use std::time::Duration;

use dotcast_client::parser::{Message, Parser, TooLong};
use libfuzzer_sys::fuzz_target;

type Parsed = (Vec<Message>, Option<Duration>, Option<TooLong>);

fn parse<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Parsed {
    let mut parser = Parser::default();
    let mut messages = Vec::new();
    for mut piece in pieces {
        loop {
            match parser.next(&mut piece) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return (messages, parser.retry(), Some(error)),
            }
        }
        assert!(piece.is_empty());
    }
    (messages, parser.retry(), None)
}

/// Pieces of 0 to 15 bytes, as long as chance has it.
fn cut(mut stream: &[u8], mut seed: u32) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while !stream.is_empty() {
        // Numerical Recipes' generator; its upper bits are the good ones.
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (piece, rest) = stream.split_at((seed as usize >> 28).min(stream.len()));
        pieces.push(piece);
        stream = rest;
    }
    pieces
}

fuzz_target!(|data: &[u8]| {
    let Some((seed, stream)) = data.split_first_chunk() else {
        return;
    };
    let whole = parse([stream]);
    assert_eq!(parse(stream.chunks(1)), whole);
    assert_eq!(parse(cut(stream, u32::from_le_bytes(*seed))), whole);
    for Message {
        event,
        data,
        last_event_id,
    } in whole.0
    {
        assert!(!event.is_empty() && !event.contains(['\r', '\n']));
        assert!(!data.contains('\r'));
        assert!(!last_event_id.contains(['\r', '\n', '\0']));
    }
});
