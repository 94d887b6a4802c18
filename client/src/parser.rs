//! Turns bytes off the wire into messages, as WHATWG HTML says in section 9.2.6, "Interpreting an event stream".
//!
//! - The stream is UTF-8; bytes that are not become U+FFFD. One byte order mark at its very beginning is dropped.
//! - A line ends with LF, CR, or CR LF. `field: value` loses one space after the colon; a line without a colon is a field
//!   without a value.
//! - `data` lines are joined with LF. `event` names the message; if it is empty or missing, the name is `message`.
//! - `id` applies to all messages from there on, until another one comes. An empty one clears it; one with NUL is
//!   ignored.
//! - `retry` is milliseconds, in digits only, and takes effect at once, whether a message follows or not. Any other
//!   value, and one too large for 64 bits, is ignored.
//! - Other fields are ignored, and so is a line that begins with a colon, a comment.
//! - An empty line completes the message. Without `data` lines, or with a single empty one, there is none. A
//!   message that is incomplete when the stream ends is dropped.
//!
//! The standard sets no limits; here a line and an event may have [`MAX_EVENT`] bytes at most.

use std::time::Duration;

/// Upper bound, in bytes, on a line and on the joined `data` lines of one event.
///
/// A parser holds one line and one event, so at most about twice as much.
pub const MAX_EVENT: usize = 1024 * 1024;

/// A dispatched event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The `event` field; `message` where there is none.
    pub event: String,
    /// The `data` lines, joined.
    pub data: String,
    /// The newest `id` of the stream so far; empty before the first.
    pub last_event_id: String,
}

/// What exceeded [`MAX_EVENT`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooLong {
    /// One line.
    #[error("the stream has a line of more than {MAX_EVENT} bytes")]
    Line,
    /// The `data` lines of one event together.
    #[error("the stream has an event with more than {MAX_EVENT} bytes of data")]
    Event,
}

/// Parses one stream, however its bytes are split into pieces.
///
/// ```
/// use dotcast_client::parser::Parser;
///
/// let mut parser = Parser::default();
/// let mut data = Vec::new();
/// for mut piece in [&b"id: 7\nda"[..], b"ta: one\n\ndata: two\n\n"] {
///     while let Some(message) = parser.next(&mut piece)? {
///         assert_eq!(message.last_event_id, "7");
///         data.push(message.data);
///     }
/// }
/// assert_eq!(data, ["one", "two"]);
/// # Ok::<_, dotcast_client::parser::TooLong>(())
/// ```
#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    after_carriage_return: bool,
    started: bool,
    event: String,
    data: String,
    last_event_id: String,
    retry: Option<Duration>,
}

impl Parser {
    /// Takes bytes off the front of `bytes` until they complete a message. `None` when all are taken and none is
    /// complete: call again with more.
    ///
    /// # Errors
    /// [`TooLong`]. The parser has then lost its place in the stream and must not be used any more.
    pub fn next(&mut self, bytes: &mut &[u8]) -> Result<Option<Message>, TooLong> {
        while let Some(&first) = bytes.first() {
            if std::mem::take(&mut self.after_carriage_return) && first == b'\n' {
                *bytes = &bytes[1..];
                continue;
            }
            let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                self.hold(std::mem::take(bytes))?;
                break;
            };
            self.hold(&bytes[..end])?;
            self.after_carriage_return = bytes[end] == b'\r';
            *bytes = &bytes[end + 1..];
            let line = std::mem::take(&mut self.line);
            if let Some(message) = self.take_line(&line)? {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    /// The newest `retry` of the stream so far.
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Keeps part of a line.
    fn hold(&mut self, part: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + part.len() > MAX_EVENT {
            return Err(TooLong::Line);
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn take_line(&mut self, line: &[u8]) -> Result<Option<Message>, TooLong> {
        let mut line = line;
        if !std::mem::replace(&mut self.started, true) {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.is_empty() {
            return Ok(self.dispatch());
        }
        let text = String::from_utf8_lossy(line);
        let (field, value) = text.split_once(':').unwrap_or((&text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" => {
                if self.data.len() + value.len() > MAX_EVENT {
                    return Err(TooLong::Event);
                }
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.last_event_id),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok().map(Duration::from_millis).or(self.retry);
            }
            // An empty field name is a comment.
            _ => {}
        }
        Ok(None)
    }

    fn dispatch(&mut self) -> Option<Message> {
        let mut data = std::mem::take(&mut self.data);
        let event = std::mem::take(&mut self.event);
        if data.is_empty() {
            return None;
        }
        data.pop();
        Some(Message {
            event: if event.is_empty() {
                "message".to_owned()
            } else {
                event
            },
            data,
            last_event_id: self.last_event_id.clone(),
        })
    }
}

#[cfg(test)]
mod random;
#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn parse(pieces: &[&[u8]]) -> (Vec<Message>, Option<Duration>) {
        let (messages, retry, end) = parse_to_end(pieces);
        assert_eq!(end, Ok(()));
        (messages, retry)
    }

    /// The same, as far as the stream can be parsed.
    fn parse_to_end(pieces: &[&[u8]]) -> (Vec<Message>, Option<Duration>, Result<(), TooLong>) {
        let mut parser = Parser::default();
        let mut messages = Vec::new();
        for mut piece in pieces.iter().copied() {
            loop {
                match parser.next(&mut piece) {
                    Ok(Some(message)) => messages.push(message),
                    Ok(None) => break,
                    Err(error) => return (messages, parser.retry(), Err(error)),
                }
            }
            assert_eq!(piece, b"", "all of it is taken");
        }
        (messages, parser.retry(), Ok(()))
    }

    fn message(event: &str, data: &str, id: &str) -> Message {
        Message {
            event: event.to_owned(),
            data: data.to_owned(),
            last_event_id: id.to_owned(),
        }
    }

    #[test]
    fn the_examples_of_the_standard() {
        let (messages, _) = parse(&[b"data: YHOO\ndata: +2\ndata: 10\n\n"]);
        assert_eq!(messages, [message("message", "YHOO\n+2\n10", "")]);
        let (messages, _) = parse(&[
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        ]);
        assert_eq!(
            messages,
            [
                message("message", "first event", "1"),
                message("message", "second event", ""),
                message("message", " third event", ""),
            ]
        );
        let (messages, _) = parse(&[b"data\n\ndata\ndata\n\ndata:"]);
        assert_eq!(
            messages,
            [message("message", "", ""), message("message", "\n", "")]
        );
    }

    #[test]
    fn retry_and_odd_fields() {
        let (messages, retry) = parse(&[
            b"\xef\xbb\xbfretry: 250\nretry: soon\nretry:\nid: 7\nevent: a\nnonsense\ndata: x\r\n\r\n",
        ]);
        assert_eq!(messages, [message("a", "x", "7")]);
        assert_eq!(retry, Some(Duration::from_millis(250)));
    }

    /// A stream of one event before, and then this, whole and in pieces.
    fn end_of(stream: &[u8]) -> Result<(), TooLong> {
        let stream = [b"data: first\n\n", stream].concat();
        let whole = parse_to_end(&[&stream]);
        let pieces: Vec<_> = stream.chunks(1000).collect();
        assert_eq!(parse_to_end(&pieces), whole);
        assert_eq!(whole.0[0], message("message", "first", ""));
        whole.2
    }

    #[test]
    fn a_line_is_bounded_whatever_it_says_and_whether_it_ends_or_not() {
        for start in ["data: ", "id: ", ": ", "", "event: \u{ff}"] {
            for end in ["", "\n\n"] {
                let line = |length: usize| {
                    let rest = "x".repeat(length - start.len());
                    format!("{start}{rest}{end}").into_bytes()
                };
                assert_eq!(end_of(&line(MAX_EVENT)), Ok(()), "{start:?}");
                assert_eq!(
                    end_of(&line(MAX_EVENT + 1)),
                    Err(TooLong::Line),
                    "{start:?}"
                );
            }
        }
    }

    #[test]
    fn all_lines_of_an_event_together_are_bounded() {
        let half = "x".repeat(MAX_EVENT / 2);
        let fits = format!("data: {half}\ndata: {}\n\n", &half[1..]);
        // Twice: an event does not count for the next one.
        assert_eq!(end_of(fits.repeat(2).as_bytes()), Ok(()));
        let too_long = format!("data: {half}\ndata: {half}\n");
        assert_eq!(end_of(too_long.as_bytes()), Err(TooLong::Event));
        // Empty lines are data, too.
        assert_eq!(end_of("data\n".repeat(MAX_EVENT + 1).as_bytes()), Ok(()));
        assert_eq!(
            end_of("data\n".repeat(MAX_EVENT + 2).as_bytes()),
            Err(TooLong::Event)
        );
        // What is not UTF-8 grows when it is decoded.
        let odd = [&b"data: "[..], &vec![0xff; MAX_EVENT / 2], b"\n"].concat();
        assert_eq!(end_of(&odd), Err(TooLong::Event));
    }
}
