//! Decodes what a server writes on a stream, piece by piece: the response's head, chunked transfer coding (RFC 9112,
//! section 7.1), and the lines of an event stream (WHATWG HTML, 9.2.6).
//!
//! A piece may end anywhere. Only a line that is split between two pieces is copied, so the cost of a million events a
//! second is that of finding line ends. The standard also allows a lone CR as a line end. It is not recognised, because
//! no server that is measured here writes one.

pub mod http2;

use memchr::memchr;

use crate::marker::Marker;

/// Upper bound on a head and on a line, in bytes.
const LONGEST: usize = 64 << 10;

/// The response is not an event stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A status other than 200.
    #[error("answered with `{0}`")]
    Status(String),
    /// A head or a line that is too long.
    #[error("a head or a line of more than {LONGEST} bytes")]
    TooLong,
    /// Not valid by RFC 9112.
    #[error("malformed chunked coding")]
    Chunk,
    /// Not valid by RFC 9113, or padded.
    #[error("malformed HTTP/2")]
    Frame,
    /// Not valid TLS, or a certificate that is not the server's.
    #[error("TLS: {0}")]
    Tls(String),
    /// It has ended, in order or not.
    #[error("the server has ended it")]
    Ended,
    /// An id longer than we remember.
    #[error("an event id of more than {} bytes", EventId::LONGEST)]
    EventId,
}

/// An event's id, as the server wrote it.
#[derive(Clone, Copy)]
pub struct EventId {
    length: u8,
    bytes: [u8; Self::LONGEST],
}

impl EventId {
    const LONGEST: usize = 64;
    const NONE: Self = Self {
        length: 0,
        bytes: [0; Self::LONGEST],
    };

    /// Its bytes; none if there was no id.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    fn set(&mut self, id: &[u8]) -> Result<(), Malformed> {
        let bytes = self.bytes.get_mut(..id.len()).ok_or(Malformed::EventId)?;
        bytes.copy_from_slice(id);
        self.length = u8::try_from(id.len()).map_err(|_| Malformed::EventId)?;
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Head,
    /// The body is not chunked.
    Plain,
    Size {
        size: usize,
        /// After `;` comes what nobody needs.
        extension: bool,
    },
    Data {
        left: usize,
    },
    DataEnd,
    Ended,
}

/// The state of one stream between two reads.
pub struct Decoder {
    framing: Framing,
    /// Whether the body has begun.
    begun: bool,
    /// The beginning of a head or a line that is not complete yet.
    carry: Vec<u8>,
    /// The value of the last `id:` line.
    id: EventId,
    /// That value when the last event was complete: where a client resumes.
    last_id: EventId,
    /// The markers in the event that is being read: one, except where a server puts several messages into an event.
    markers: Vec<Marker>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            framing: Framing::Head,
            begun: false,
            carry: Vec::new(),
            id: EventId::NONE,
            last_id: EventId::NONE,
            markers: Vec::new(),
        }
    }
}

impl Decoder {
    /// A stream that begins behind this event.
    pub fn after(id: u64) -> Self {
        let mut decoder = Self::default();
        // The longest number has 20 digits.
        let _ = decoder.last_id.set(id.to_string().as_bytes());
        decoder
    }

    /// Whether the head said 200 and the body has begun. The head alone is not enough: some servers send it before they
    /// have subscribed the client.
    pub fn is_open(&self) -> bool {
        self.begun
    }

    /// Whether the body has ended in order.
    pub fn has_ended(&self) -> bool {
        self.framing == Framing::Ended
    }

    /// The id to resume from.
    pub fn last_event_id(&self) -> &[u8] {
        self.last_id.as_bytes()
    }

    /// Begins a new response. A partly read line is forgotten, but the last id is not.
    pub fn restart(&mut self) {
        self.framing = Framing::Head;
        self.begun = false;
        self.carry.clear();
        self.id = self.last_id;
        self.markers.clear();
    }

    /// Takes the next piece, and hands over the marker of each event that it completes.
    pub fn feed(
        &mut self,
        piece: &[u8],
        mut on_event: impl FnMut(Marker),
    ) -> Result<(), Malformed> {
        let mut rest = piece;
        while let Some(&first) = rest.first() {
            match &mut self.framing {
                Framing::Head => rest = self.head(rest)?,
                Framing::Plain => {
                    self.text(rest, &mut on_event)?;
                    rest = &[];
                }
                Framing::Size { size, extension } => {
                    rest = &rest[1..];
                    match first {
                        b'\n' if *size == 0 => self.framing = Framing::Ended,
                        b'\n' => self.framing = Framing::Data { left: *size },
                        b'\r' => {}
                        b';' | b' ' | b'\t' => *extension = true,
                        _ if *extension => {}
                        _ => {
                            let digit = char::from(first).to_digit(16).ok_or(Malformed::Chunk)?;
                            if *size >= 1 << 32 {
                                return Err(Malformed::Chunk);
                            }
                            *size = *size << 4 | digit as usize;
                        }
                    }
                }
                Framing::Data { left } => {
                    let (data, behind) = rest.split_at(rest.len().min(*left));
                    *left -= data.len();
                    if *left == 0 {
                        self.framing = Framing::DataEnd;
                    }
                    rest = behind;
                    self.text(data, &mut on_event)?;
                }
                Framing::DataEnd => {
                    rest = &rest[1..];
                    match first {
                        b'\r' => {}
                        b'\n' => {
                            self.framing = Framing::Size {
                                size: 0,
                                extension: false,
                            };
                        }
                        _ => return Err(Malformed::Chunk),
                    }
                }
                Framing::Ended => return Ok(()),
            }
        }
        Ok(())
    }

    /// Takes what belongs to the head; returns the rest.
    fn head<'a>(&mut self, piece: &'a [u8]) -> Result<&'a [u8], Malformed> {
        const END: &[u8] = b"\r\n\r\n";
        let known = self.carry.len();
        self.carry.extend_from_slice(piece);
        // The end may be split between pieces, too.
        let searched = known.saturating_sub(END.len() - 1);
        let Some(at) = memchr::memmem::find(&self.carry[searched..], END) else {
            if self.carry.len() > LONGEST {
                return Err(Malformed::TooLong);
            }
            return Ok(&[]);
        };
        let end = searched + at + END.len();
        // Most of this buffer is not needed again, so free it.
        let head = std::mem::take(&mut self.carry);
        let head = String::from_utf8_lossy(&head[..end]).to_ascii_lowercase();
        let status = head.lines().next().unwrap_or_default();
        if status.split(' ').nth(1) != Some("200") {
            return Err(Malformed::Status(status.to_owned()));
        }
        let chunked = head.lines().any(|line| {
            line.strip_prefix("transfer-encoding:")
                .is_some_and(|coding| coding.trim() == "chunked")
        });
        self.framing = if chunked {
            Framing::Size {
                size: 0,
                extension: false,
            }
        } else {
            Framing::Plain
        };
        Ok(&piece[end - known..])
    }

    fn text(&mut self, piece: &[u8], on_event: &mut impl FnMut(Marker)) -> Result<(), Malformed> {
        self.begun = true;
        let mut rest = piece;
        if !self.carry.is_empty() {
            let Some(end) = memchr(b'\n', rest) else {
                return self.keep(rest);
            };
            self.carry.extend_from_slice(&rest[..end]);
            let mut line = std::mem::take(&mut self.carry);
            self.line(&line, on_event)?;
            line.clear();
            self.carry = line;
            rest = &rest[end + 1..];
        }
        while let Some(end) = memchr(b'\n', rest) {
            self.line(&rest[..end], on_event)?;
            rest = &rest[end + 1..];
        }
        self.keep(rest)
    }

    fn keep(&mut self, beginning: &[u8]) -> Result<(), Malformed> {
        if self.carry.len() + beginning.len() > LONGEST {
            return Err(Malformed::TooLong);
        }
        self.carry.extend_from_slice(beginning);
        Ok(())
    }

    fn line(&mut self, line: &[u8], on_event: &mut impl FnMut(Marker)) -> Result<(), Malformed> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.first() {
            None => {
                self.last_id = self.id;
                self.markers.drain(..).for_each(on_event);
            }
            Some(b'd') => {
                let mut data = line.strip_prefix(b"data:").unwrap_or_default();
                while let Some((marker, behind)) = Marker::find(data) {
                    self.markers.push(marker);
                    data = behind;
                }
            }
            Some(b'i') => {
                if let Some(id) = line.strip_prefix(b"id:") {
                    self.id.set(id.strip_prefix(b" ").unwrap_or(id))?;
                }
            }
            Some(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
