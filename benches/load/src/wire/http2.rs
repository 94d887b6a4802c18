//! As much of HTTP/2 (RFC 9113) as a client of event streams needs: many requests on one connection, each sent at once
//! and with the same few headers (HPACK, RFC 7541, without a table and without Huffman's code).
//!
//! What arrives on a stream is handed over as HTTP/1.1 would say it, so one [`Decoder`](super::Decoder) checks both.

use super::Malformed;

/// What each connection begins with, before the client's settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const FRAME_HEADER: usize = 9;
/// Upper bound on a frame's content in bytes: the default of `SETTINGS_MAX_FRAME_SIZE`.
const LARGEST: usize = 1 << 14;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;

const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const PRIORITY: u8 = 32;

const ENABLE_PUSH: u16 = 2;
const INITIAL_WINDOW_SIZE: u16 = 4;

/// What we accept ahead on a stream and on a connection, in bytes: as Chrome does.
const STREAM_WINDOW: u32 = 6 << 20;
const CONNECTION_WINDOW: u32 = 15 << 20;
const DEFAULT_WINDOW: u32 = (1 << 16) - 1;

/// A response with the status 200, as HTTP/1.1 would begin it.
const OK: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";

/// A connection: the frame that is being read, and how much was received.
pub struct Connection {
    header: Vec<u8>,
    frame: Option<Frame>,
    /// The content so far of a frame that is needed as a whole.
    content: Vec<u8>,
    /// Bytes that have arrived since we last said that there is room for more.
    received: u32,
    received_by: Vec<u32>,
    /// What has to be sent.
    reply: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    left: usize,
}

impl Connection {
    /// A connection on which a stream is `asked` for from each of these paths, behind an event's id if it is not empty.
    /// The first [`reply`](Self::reply) has to be sent at once.
    pub fn new<'a>(authority: &str, asked: impl Iterator<Item = (String, &'a [u8])>) -> Self {
        let mut reply = PREFACE.to_vec();
        let mut settings = Vec::new();
        for (name, value) in [(ENABLE_PUSH, 0), (INITIAL_WINDOW_SIZE, STREAM_WINDOW)] {
            settings.extend(name.to_be_bytes());
            settings.extend(value.to_be_bytes());
        }
        push(&mut reply, SETTINGS, 0, 0, &settings);
        let more = CONNECTION_WINDOW - DEFAULT_WINDOW;
        push(&mut reply, WINDOW_UPDATE, 0, 0, &more.to_be_bytes());
        let mut received_by = Vec::new();
        for (path, last_id) in asked {
            let stream = identifier(received_by.len());
            received_by.push(0);
            let headers = request(authority, &path, last_id);
            push(
                &mut reply,
                HEADERS,
                END_STREAM | END_HEADERS,
                stream,
                &headers,
            );
        }
        Self {
            header: Vec::with_capacity(FRAME_HEADER),
            frame: None,
            content: Vec::new(),
            received: 0,
            received_by,
            reply,
        }
    }

    /// What has to be sent now.
    pub fn reply(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.reply)
    }

    /// Takes the next piece. Hands over what belongs to a stream, with the place of its request among all.
    ///
    /// # Errors
    /// If a stream ends, or the connection does.
    pub fn feed(
        &mut self,
        piece: &[u8],
        mut on_piece: impl FnMut(usize, &[u8]) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        let mut rest = piece;
        loop {
            let Some(frame) = &mut self.frame else {
                let (more, behind) =
                    rest.split_at(rest.len().min(FRAME_HEADER - self.header.len()));
                self.header.extend_from_slice(more);
                if self.header.len() < FRAME_HEADER {
                    return Ok(());
                }
                rest = behind;
                self.frame = Some(parse(&self.header)?);
                self.header.clear();
                continue;
            };
            let (content, behind) = rest.split_at(rest.len().min(frame.left));
            frame.left -= content.len();
            let frame = *frame;
            rest = behind;
            if frame.kind == DATA {
                self.data(frame, content, &mut on_piece)?;
            } else {
                self.content.extend_from_slice(content);
            }
            if frame.left > 0 {
                return Ok(());
            }
            self.frame = None;
            if frame.kind != DATA {
                self.whole(frame, &mut on_piece)?;
                self.content.clear();
            } else if frame.flags & END_STREAM != 0 {
                return Err(Malformed::Ended);
            }
        }
    }

    fn data(
        &mut self,
        frame: Frame,
        content: &[u8],
        on_piece: &mut impl FnMut(usize, &[u8]) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        let request = self.request_of(frame.stream)?;
        let length = u32::try_from(content.len()).map_err(|_| Malformed::Frame)?;
        self.received += length;
        self.received_by[request] += length;
        for (received, window, stream) in [
            (&mut self.received, CONNECTION_WINDOW, 0),
            (&mut self.received_by[request], STREAM_WINDOW, frame.stream),
        ] {
            if *received > window / 2 {
                let more = std::mem::take(received).to_be_bytes();
                push(&mut self.reply, WINDOW_UPDATE, 0, stream, &more);
            }
        }
        on_piece(request, content)
    }

    /// A frame that is not [`DATA`], of which everything is there.
    fn whole(
        &mut self,
        frame: Frame,
        on_piece: &mut impl FnMut(usize, &[u8]) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        match frame.kind {
            HEADERS => {
                let request = self.request_of(frame.stream)?;
                let skipped = if frame.flags & PRIORITY == 0 { 0 } else { 5 };
                let fields = self.content.get(skipped..).unwrap_or_default();
                if !is_ok(fields) {
                    return Err(Malformed::Status(
                        "HTTP/2 without the status 200".to_owned(),
                    ));
                }
                if frame.flags & END_STREAM != 0 {
                    return Err(Malformed::Ended);
                }
                on_piece(request, OK)
            }
            SETTINGS if frame.flags & ACK == 0 => {
                push(&mut self.reply, SETTINGS, ACK, 0, &[]);
                Ok(())
            }
            PING if frame.flags & ACK == 0 => {
                push(&mut self.reply, PING, ACK, 0, &self.content);
                Ok(())
            }
            RST_STREAM | GOAWAY => Err(Malformed::Ended),
            // Acknowledgements, windows, which we do not need, more headers, and kinds that nobody knows, which have to be
            // ignored (section 5.5).
            _ => Ok(()),
        }
    }

    fn request_of(&self, stream: u32) -> Result<usize, Malformed> {
        let request = usize::try_from(stream / 2).map_err(|_| Malformed::Frame)?;
        let ours = stream % 2 == 1 && request < self.received_by.len();
        ours.then_some(request).ok_or(Malformed::Frame)
    }
}

/// Clients' streams have odd numbers.
fn identifier(request: usize) -> u32 {
    u32::try_from(request).unwrap_or(u32::MAX / 4) * 2 + 1
}

fn parse(header: &[u8]) -> Result<Frame, Malformed> {
    let &[l0, l1, l2, kind, flags, s0, s1, s2, s3] = header else {
        return Err(Malformed::Frame);
    };
    let left = u32::from_be_bytes([0, l0, l1, l2]) as usize;
    let padded = matches!(kind, DATA | HEADERS) && flags & PADDED != 0;
    // No server that is measured here pads.
    if left > LARGEST || padded {
        return Err(Malformed::Frame);
    }
    Ok(Frame {
        kind,
        flags,
        stream: u32::from_be_bytes([s0 & 0x7f, s1, s2, s3]),
        left,
    })
}

fn push(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, content: &[u8]) {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes()[1..]);
    out.extend_from_slice(&[kind, flags]);
    out.extend(stream.to_be_bytes());
    out.extend_from_slice(content);
}

/// The fields of a request: numbers are places in HPACK's static table (RFC 7541, appendix A).
fn request(authority: &str, path: &str, last_id: &[u8]) -> Vec<u8> {
    const INDEXED: u8 = 0x80;
    let mut fields = vec![INDEXED | 2, INDEXED | 7];
    for (name, value) in [(1, authority), (4, path), (19, "text/event-stream")] {
        number(&mut fields, 4, name);
        string(&mut fields, value.as_bytes());
    }
    if !last_id.is_empty() {
        // A name that the table does not have.
        number(&mut fields, 4, 0);
        string(&mut fields, b"last-event-id");
        string(&mut fields, last_id);
    }
    fields
}

/// A number behind a prefix of this many bits (section 5.1), the bits before it being 0.
fn number(out: &mut Vec<u8>, prefix: u32, value: usize) {
    let byte = |value: usize| u8::try_from(value).unwrap_or(u8::MAX);
    let most = (1 << prefix) - 1;
    out.push(byte(value.min(most)));
    if value < most {
        return;
    }
    let mut left = value - most;
    while left >= 0x80 {
        out.push(byte(left % 0x80) | 0x80);
        left /= 0x80;
    }
    out.push(byte(left));
}

fn string(out: &mut Vec<u8>, value: &[u8]) {
    number(out, 7, value.len());
    out.extend_from_slice(value);
}

/// Whether the fields begin with the status 200, behind changes of the table's size.
fn is_ok(mut fields: &[u8]) -> bool {
    while let [first, rest @ ..] = fields
        && first & 0xe0 == 0x20
    {
        let is_long = first & 0x1f == 0x1f;
        let last = rest.iter().position(|byte| byte & 0x80 == 0);
        let more = last.filter(|_| is_long).map_or(0, |last| last + 1);
        fields = &rest[more..];
    }
    fields.first() == Some(&0x88)
}

#[cfg(test)]
mod tests;
