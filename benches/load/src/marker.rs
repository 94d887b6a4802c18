//! `#<sequence>.<nanoseconds>#`: makes an event recognisable, whatever server carried it.

use std::fmt;

use memchr::memchr;

/// Which event it is, and when it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    /// 0 for the first event that is published, then one more for each.
    pub sequence: u64,
    /// When it was given to the server, by [`clock::now`](crate::clock::now).
    pub sent: u64,
}

/// Always of the same length, so that all events are of the same size.
impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:08}.{:017}#", self.sequence, self.sent)
    }
}

impl Marker {
    /// The first marker in a line, and what is behind it.
    pub fn find(line: &[u8]) -> Option<(Self, &[u8])> {
        let mut rest = line;
        loop {
            rest = &rest[memchr(b'#', rest)? + 1..];
            if let Some(found) = Self::parse(rest) {
                return Some(found);
            }
        }
    }

    fn parse(text: &[u8]) -> Option<(Self, &[u8])> {
        let (sequence, rest) = number(text)?;
        let (sent, rest) = number(rest.strip_prefix(b".")?)?;
        Some((Self { sequence, sent }, rest.strip_prefix(b"#")?))
    }
}

fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    let mut length = 0;
    while let Some(digit) = text.get(length).filter(|byte| byte.is_ascii_digit()) {
        value = value
            .checked_mul(10)?
            .checked_add(u64::from(digit - b'0'))?;
        length += 1;
    }
    (length > 0).then(|| (value, &text[length..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_found() {
        let marker = Marker {
            sequence: 42,
            sent: 1_234_567,
        };
        let line = format!(" {{\"color\":\"#ff0000\",\"n\":\"##1.#{marker}\"}}");
        assert_eq!(Marker::find(line.as_bytes()), Some((marker, &b"\"}"[..])));
        assert_eq!(Marker::find(b"#1.2"), None);
        assert_eq!(Marker::find(b""), None);
    }
}
