//! Bytes off the wire become messages (WHATWG HTML, 9.2.6, "Interpreting an event stream").

use std::time::Duration;

/// A dispatched event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The `event:` field; `message` where there is none.
    pub event: String,
    /// The `data:` lines, joined.
    pub data: String,
    /// The newest `id:` of the stream so far; empty before the first.
    pub last_event_id: String,
}

/// Parses one stream, however its bytes are cut into pieces.
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
    /// Takes the next bytes and appends the messages that they complete.
    pub fn feed(&mut self, bytes: &[u8], messages: &mut Vec<Message>) {
        for &byte in bytes {
            // A line ends with CR, LF or both.
            let second_half = std::mem::take(&mut self.after_carriage_return) && byte == b'\n';
            if second_half {
                continue;
            }
            if byte == b'\n' || byte == b'\r' {
                self.after_carriage_return = byte == b'\r';
                let line = std::mem::take(&mut self.line);
                messages.extend(self.take_line(&line));
            } else {
                self.line.push(byte);
            }
        }
    }

    /// The newest `retry:` of the stream so far.
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    fn take_line(&mut self, line: &[u8]) -> Option<Message> {
        let mut line = line;
        if !std::mem::replace(&mut self.started, true) {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.is_empty() {
            return self.dispatch();
        }
        let text = String::from_utf8_lossy(line);
        let (field, value) = text.split_once(':').unwrap_or((&text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.last_event_id),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok().map(Duration::from_millis).or(self.retry);
            }
            // An empty field name is a comment; others are for another time.
            _ => {}
        }
        None
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
        let mut parser = Parser::default();
        let mut messages = Vec::new();
        for piece in pieces {
            parser.feed(piece, &mut messages);
        }
        (messages, parser.retry())
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
}
