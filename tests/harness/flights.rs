//! Counts what a client asks of PostgreSQL, on the wire: each question that waits for an answer.

/// Reads one connection's messages to PostgreSQL, however they are cut.
#[derive(Debug, Default)]
pub struct Flights {
    /// Whether the messages have begun that say what they are. Those that open a connection do not.
    is_open: bool,
    /// The beginning of a message: what it is, and its length.
    head: Vec<u8>,
    /// What is left of a message's content.
    left: usize,
}

impl Flights {
    /// How many questions end in these bytes: `Query` and `Sync`.
    pub fn count(&mut self, mut bytes: &[u8]) -> u64 {
        let mut count = 0;
        loop {
            let skipped = self.left.min(bytes.len());
            self.left -= skipped;
            bytes = &bytes[skipped..];
            let wanted = if self.is_open { 5 } else { 8 };
            if self.left > 0 || bytes.is_empty() {
                return count;
            }
            let taken = (wanted - self.head.len()).min(bytes.len());
            self.head.extend(&bytes[..taken]);
            bytes = &bytes[taken..];
            if self.head.len() < wanted {
                return count;
            }
            let kind = self.is_open.then(|| self.head.remove(0));
            let length = u32::from_be_bytes(self.head[..4].try_into().expect("four bytes"));
            let length = usize::try_from(length).expect("a length");
            self.left = length - self.head.len();
            match kind {
                Some(b'Q' | b'S') => count += 1,
                Some(_) => {}
                // `StartupMessage` has the protocol's version 3; the others ask for encryption, or to cancel.
                None => self.is_open = self.head[4..6] == [0, 3],
            }
            self.head.clear();
        }
    }
}

#[test]
fn questions_are_counted_however_they_are_cut() {
    let mut bytes = Vec::new();
    // For TLS; the beginning; a query; a statement that is prepared and run.
    bytes.extend([0, 0, 0, 8, 4, 210, 22, 47]);
    bytes.extend([0, 0, 0, 12, 0, 3, 0, 0]);
    bytes.extend(b"Q\0S\0");
    bytes.extend(b"Q\0\0\0\x0aBEGIN\0");
    bytes.extend(b"P\0\0\0\x06SQ");
    bytes.extend(b"S\0\0\0\x04");
    for size in 1..=bytes.len() {
        let mut flights = Flights::default();
        let counts = bytes.chunks(size).map(|chunk| flights.count(chunk));
        assert_eq!(counts.sum::<u64>(), 2, "by {size}");
    }
}
