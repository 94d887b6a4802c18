//! A stream on the wire after it has left its connection: HTTP/1.1, one head, then chunks (RFC 9112, 7.1).

use std::{io::Write as _, time::SystemTime};

use bytes::Bytes;
use poem::http::{
    HeaderMap, StatusCode,
    header::{CONNECTION, DATE, TRANSFER_ENCODING},
};

/// Ends a response.
pub const LAST: &[u8] = b"0\r\n\r\n";
/// The head of a response with a chunked body; it is the last response on its connection.
pub fn head(status: StatusCode, headers: &HeaderMap) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\n").into_bytes();
    let mut line = |name: &str, value: &[u8]| {
        for part in [name.as_bytes(), b": ", value, b"\r\n"] {
            head.extend_from_slice(part);
        }
    };
    let ours = [TRANSFER_ENCODING, CONNECTION, DATE];
    for (name, value) in headers.iter().filter(|(name, _)| !ours.contains(name)) {
        line(name.as_str(), value.as_bytes());
    }
    line(TRANSFER_ENCODING.as_str(), b"chunked");
    line(CONNECTION.as_str(), b"close");
    line(
        DATE.as_str(),
        httpdate::fmt_http_date(SystemTime::now()).as_bytes(),
    );
    head.extend_from_slice(b"\r\n");
    head
}

/// Bytes as one chunk. Empty input stays empty, because an empty chunk would end the response.
pub fn chunk(bytes: &[u8]) -> Bytes {
    if bytes.is_empty() {
        return Bytes::new();
    }
    // Room for the length: at most 16 digits.
    let mut chunk = Vec::with_capacity(bytes.len() + 20);
    // Writing to a `Vec` cannot fail.
    let _ = write!(chunk, "{:x}\r\n", bytes.len());
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    chunk.into()
}
